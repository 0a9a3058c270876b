"""``known_rows``: rows as the events make them, up to a position."""

from alembic import op

from ledger.migrations import sql_script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(sql_script("0011_known_rows.sql").replace("%", "%%"))
