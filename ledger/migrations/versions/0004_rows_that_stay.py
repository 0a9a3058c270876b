"""When its record was found to be gone, for a bridge row that stays for what refers to it."""

from alembic import op

from ledger.tables import adm

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table in adm.TABLES:
        op.execute(f"ALTER TABLE {table.fullname} ADD COLUMN IF NOT EXISTS gone_at timestamptz")
