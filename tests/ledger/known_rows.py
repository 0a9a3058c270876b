"""Whether the rows that are kept are those of all events."""

from __future__ import annotations

from ledger.database.connection import Database
from ledger.replay.known_rows import forget_known_rows
from ledger.replay.ledger_rows import ledger_rows, tutorial_ledger_rows
from ledger.schema import adm
from ledger.store.tutorial_shape import present_tables


def assert_known_rows(database: Database) -> None:
    """With and without what is kept the ledger's rows are the same."""
    with database.driver_transaction() as connection:
        tables = present_tables(connection)
        kept = tutorial_ledger_rows(connection, tables)
        bridge = [ledger_rows(connection, one) for one in adm.TABLES]
        connection.execute("SAVEPOINT before")
        forget_known_rows(connection)
        assert kept == tutorial_ledger_rows(connection, tables)
        for one, rows in zip(adm.TABLES, bridge, strict=True):
            assert rows == ledger_rows(connection, one), one.fullname
        connection.execute("ROLLBACK TO SAVEPOINT before")
