"""The calls to Administrate that processes reserve, so that all of them keep under its limit."""

from importlib import resources

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    script = resources.files("ledger.migrations").joinpath("sql", "call_reservations.sql")
    op.get_bind().exec_driver_sql(script.read_text())
