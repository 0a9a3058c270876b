"""``field_bases``: what both sides of linked events and sessions last agreed on."""

from alembic import op

from ledger.migrations import sql_script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(sql_script("0007_field_bases.sql").replace("%", "%%"))
