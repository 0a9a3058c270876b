"""Times of bridge rows have defaults, since other programs add rows, too.

Tables that are made or taken over from here on have them where the program adds the columns.
"""

from alembic import context, op

from ledger.database.connection import driver
from ledger.migrations.bridge_tables.columns import default_times
from ledger.schema import adm
from ledger.tables.database_columns import database_columns

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if context.config.attributes["before"] is None:
        return
    connection = op.get_bind()
    present = database_columns(driver(connection), adm.BY_NAME)
    for name, table in adm.BY_NAME.items():
        default_times(connection, table, present.get(name, {}))
