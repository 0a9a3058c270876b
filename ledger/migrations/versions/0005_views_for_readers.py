"""Comments and views in schema ``ledger`` for people who read it with SQL."""

from importlib import resources

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    scripts = resources.files("ledger.migrations").joinpath("sql")
    for name in ("comments.sql", "views.sql"):
        op.get_bind().exec_driver_sql(scripts.joinpath(name).read_text().replace("%", "%%"))
