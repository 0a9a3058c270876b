"""``gone_at``: for bridge rows that stay, since other rows refer to them, after their record."""

from alembic import op

from ledger.schema import adm

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table in adm.TABLES:
        op.execute(f"ALTER TABLE {table.fullname} ADD COLUMN IF NOT EXISTS gone_at timestamptz")
