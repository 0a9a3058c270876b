"""The ledger, the tables projected from it, and what was there before it."""

from importlib import resources

from alembic import context, op

from ledger.migrations.adoption import adopt_bridge_rows
from ledger.migrations.placement import move_misplaced
from ledger.migrations.tables import create_or_mend_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    connection = op.get_bind()
    for name in ("ledger_tables.sql", "append.sql", "guard.sql"):
        script = resources.files("ledger.migrations").joinpath("sql", name).read_text()
        connection.exec_driver_sql(script.replace("%", "%%"))
    given = context.config.attributes
    given["said"] += move_misplaced(connection)
    given["said"] += create_or_mend_tables(connection).sentences
    given["said"] += adopt_bridge_rows(connection, actor=given["actor"])
