"""A record's row as of a position is the one that rebuilding its table gives."""

from __future__ import annotations

from pathlib import Path

from ledger.database.connection import Database
from ledger.events import record_name
from ledger.history.row_as_of import row_as_of
from ledger.replay.rebuild import state_at
from ledger.schema import adm
from ledger.schema.adm import bridge_key
from ledger.schema.declared import Table
from ledger.store.append import head
from ledger.store.tutorial_shape import recorded_tables
from tests.importer.company import Company
from tests.importer.imported_events import ids, synced
from tests.importer.imported_events import imported as imported_to_come

MAPPED = (adm.BY_NAME["adm.venues"], adm.BY_NAME["adm.events"], adm.BY_NAME["adm.sessions"])


def differing(database: Database, table: Table, until: int) -> list[tuple[str, set[str]]]:
    """The records of a table whose row, folded from their own events, is not the rebuilt one, and
    the columns that differ."""
    wrong = []
    rows = state_at(database, table, until)
    with database.driver_transaction() as reader:
        for row in rows:
            key = bridge_key(table.fullname, row) if table.schema == "adm" else row["id"]
            record = record_name(table.fullname, key)
            columns = row_as_of(reader, record, until).columns or {}
            other = {name for name in row if columns.get(name) != row[name]}
            if other:
                wrong.append((record, other))
    assert rows
    return wrong


def test_a_row_is_folded_to_what_a_rebuild_gives(company: Company, tmp_path: Path) -> None:
    imported_to_come(company, tmp_path)
    with company.database.driver_transaction() as reader:
        imported, _ = head(reader)
        tutorial = recorded_tables(reader).tables[:2]
    company.control.edit(ids(company)[0], title="renamed")
    synced(company)
    with company.database.driver_transaction() as reader:
        now, _ = head(reader)
    for until in (imported, now):
        for table in (*MAPPED, *tutorial):
            assert differing(company.database, table, until) == [], (table, until)
