"""The one event that a person wants rolled back of a run."""

from __future__ import annotations

from ledger.database.connection import Database
from ledger.errors import UsageRefused
from ledger.history.find_record import counterpart, find_record
from ledger.rollback.changes import RowKey
from ledger.schema import acted, adm


def event_named(database: Database, typed: str) -> RowKey:
    """The tutorial event that a person means by a name of either side. Raises ``UsageRefused``
    where it is none."""
    with database.driver_transaction() as connection:
        record = find_record(connection, typed).record
        if record.startswith(f"{adm.EVENTS.fullname}/"):
            record = counterpart(connection, record) or record
    table, _, key = record.rpartition("/")
    if table != acted.EVENTS.fullname:
        raise UsageRefused(f"{record} is no tutorial event, and linked with none")
    return RowKey(table, int(key))
