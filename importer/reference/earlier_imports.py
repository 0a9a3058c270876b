"""The events of earlier imports, with their rows as typed, from the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from importer.reference.values import EarlierEvent, EarlierRow
from importer.workbook.row import SheetRow
from ledger.database.connection import driver
from ledger.events import RowAccepted, RowEvent, WorkbookRead
from ledger.store.read import Selection, read_recorded
from ledger.values import Personal, Value

_EVENTS = "acted.tutorial_events/"
# Of the existing events, those that may be one of the workbook's: by their titles, by the keys of
# a receipt, or as created by an import of a file of that name.
_TITLED = (
    "SELECT e.id FROM acted.tutorial_events e LEFT JOIN adm.events b ON b.tutorial_event_id = e.id"
    " WHERE lower(e.code) = ANY(:titles) OR lower(b.title) = ANY(:titles)"
)
_EXISTING = "SELECT id FROM acted.tutorial_events WHERE id = ANY(:ids)"
_MADE_IN = (
    "SELECT DISTINCT run_id FROM ledger.events WHERE type = 'RowAccepted' AND subjects && :records"
    " UNION SELECT run_id FROM ledger.events WHERE type = 'RowAccepted'"
    " AND payload ->> 'event_key' = ANY(:keys)"
    " UNION SELECT run_id FROM ledger.events WHERE type = 'WorkbookRead'"
    " AND payload ->> 'name' = :workbook"
)
_ROWS = (
    "SELECT position FROM ledger.events WHERE run_id = ANY(:runs)"
    " AND type IN ('RowAccepted', 'WorkbookRead')"
)


def read_earlier_events(
    connection: Connection, rows: Sequence[SheetRow], workbook: str
) -> tuple[EarlierEvent, ...]:
    """The imported events that still exist, oldest first: those with a title or a key of the rows,
    and those of workbooks of that name."""
    titles = {row.text("title").lower() for row in rows}
    ids = _column(connection, _TITLED, titles=sorted(titles - {""}))
    records = [f"{_EVENTS}{row_id}" for row_id in ids]
    keys = {row.text("event_key") for row in rows} - {""}
    runs = _column(connection, _MADE_IN, records=records, keys=sorted(keys), workbook=workbook)
    found = list(_events(connection, runs)) if runs else []
    made = [int(event.record.removeprefix(_EVENTS)) for event in found]
    existing = {f"{_EVENTS}{row_id}" for row_id in _column(connection, _EXISTING, ids=made)}
    return tuple(event for event in found if event.record in existing)


def _events(connection: Connection, runs: list[UUID]) -> Iterator[EarlierEvent]:
    positions = _column(connection, _ROWS, runs=runs)
    workbooks: dict[int, str] = {}
    rows: dict[tuple[UUID | None, str], list[RowAccepted]] = {}
    names: dict[tuple[UUID | None, str], str] = {}
    for recorded in read_recorded(driver(connection), Selection(positions=positions)):
        match recorded.event:
            case WorkbookRead(name=name):
                workbooks[recorded.position] = name
            case RowAccepted() as row:
                key = recorded.run_id, row.event_key
                rows.setdefault(key, []).append(row)
                names[key] = workbooks.get(recorded.cause or 0, "another workbook")
    for key, accepted in rows.items():
        # The event's own row made the event; the others are its sessions', in the sheet's order.
        accepted.sort(key=lambda row: (_event_of(row) is None, row.row))
        if record := _event_of(accepted[0]):
            imported = tuple(earlier_row(row) for row in accepted)
            yield EarlierEvent(record, names[key], imported, key[1])


def _event_of(row: RowAccepted) -> str | None:
    return next((record for record in row.made if record.startswith(_EVENTS)), None)


def earlier_row(row: RowEvent) -> EarlierRow:
    """The row as it was imported."""
    return EarlierRow(row.row, {name: _text(value) for name, value in row.cells.items()})


def _text(value: Value) -> str | None:
    """A cell's text; None where a name in it is erased."""
    if isinstance(value, list):
        texts = [_text(one) for one in value]
        return None if None in texts else " / ".join(one for one in texts if one)
    if isinstance(value, Personal):
        return None if value.erased else value.value
    return None if value is None else str(value)


def _column(connection: Connection, query: str, **values: object) -> list[Any]:
    return list(connection.execute(text(query), values).scalars())
