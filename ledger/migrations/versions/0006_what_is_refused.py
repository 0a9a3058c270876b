"""``ledger.append`` refuses what could not be read; a digest of each blob's stored bytes."""

from alembic import op

from ledger.migrations import sql_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name in ("refusal.sql", "append.sql", "0006_blob_digests.sql"):
        op.get_bind().exec_driver_sql(sql_script(name).replace("%", "%%"))
