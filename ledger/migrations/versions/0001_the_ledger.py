"""The ledger, the tables projected from it, and the rows of an older tool."""

from alembic import context, op

from ledger.migrations import sql_script
from ledger.migrations.adoption import adopt_bridge_rows
from ledger.migrations.placement import move_misplaced
from ledger.migrations.tables import create_or_mend_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    connection = op.get_bind()
    for name in ("ledger_tables.sql", "refusal.sql", "append.sql", "guard.sql"):
        connection.exec_driver_sql(sql_script(name).replace("%", "%%"))
    given = context.config.attributes
    given["steps"] += move_misplaced(connection)
    given["steps"] += create_or_mend_tables(connection).sentences
    given["steps"] += adopt_bridge_rows(connection, actor=given["actor"])
