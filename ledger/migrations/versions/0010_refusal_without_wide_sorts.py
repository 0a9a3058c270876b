"""``ledger.append`` checks ordinals without sorting the payloads beside them."""

from alembic import op

from ledger.migrations import sql_script

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(sql_script("refusal.sql").replace("%", "%%"))
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS ledger.has_unique_keys(json)")
