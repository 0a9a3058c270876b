"""Times of bridge rows have defaults, since other programs add rows, too.

Tables that are made or taken over from here on have them where the program adds the columns.
"""

from alembic import context, op

from ledger.migrations.shapes.columns import default_times
from ledger.migrations.shapes.found import columns_found
from ledger.tables import adm

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if context.config.attributes["before"] is None:
        return
    connection = op.get_bind()
    there = columns_found(connection, *adm.BY_NAME)
    for name, table in adm.BY_NAME.items():
        default_times(connection, table, there.get(name, {}))
