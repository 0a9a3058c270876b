"""Comments and views in schema ``ledger`` for people who read it with SQL."""

from alembic import op

from ledger.migrations import sql_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name in ("0005_comments.sql", "0005_views.sql"):
        op.get_bind().exec_driver_sql(sql_script(name).replace("%", "%%"))
