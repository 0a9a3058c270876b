"""The calls to Administrate that processes reserve, so that all of them keep under its limit."""

from alembic import op

from ledger.migrations import sql_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(sql_script("0002_call_reservations.sql"))
