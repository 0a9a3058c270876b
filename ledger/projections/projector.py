"""Projectors: the rows that an event changes, and how; and their application to a batch of events.

A projector is a declaration. For each event it names the affected rows, by primary key, and gives
for each a function from the old row to the new one. A batch is applied by loading all those rows at
once, folding the events over them in order, and writing the changes at once: three statements a
table, for any number of events. It sees only events: no clock, no chance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import psycopg
from attrs import frozen

from ledger.events import Event
from ledger.events.recorded import Recorded
from ledger.projections.stored_rows import ProjectionError, StoredRows
from ledger.schema.column_values import Row, stored
from ledger.schema.declared import Table


@frozen
class Step:
    """One changed row: ``change`` maps the old row (``None``: there is none) to the new one, in
    which a column may have any value an event holds."""

    table: Table
    key: object
    change: Callable[[Row | None], Row | None]


@frozen
class Projector:
    """The tables it owns, parents before children, and the steps for each event type.

    Of ``shared`` tables it owns only the rows it made; others may exist there, and the web
    application goes on to change its own.
    """

    name: str
    tables: tuple[Table, ...]
    handles: Mapping[type[Event], Callable[[Recorded], Iterable[Step]]]
    shared: bool = False


def project(
    connection: psycopg.Connection[Any],
    events: Sequence[Recorded],
    projectors: Iterable[Projector],
    schema: str | None = None,
) -> None:
    """Applies the events, in order, to every projector's tables, in the connection's transaction;
    to the tables of these names in ``schema``, where one is given.

    Raises ``ProjectionError`` where an event does not fit the current rows.
    """
    for projector in projectors:
        steps = [
            (event, step)
            for event in events
            if (steps_of := projector.handles.get(type(event.event))) is not None
            for step in steps_of(event)
        ]
        if steps:
            _apply(connection, projector, steps, schema)


def _apply(
    connection: psycopg.Connection[Any],
    projector: Projector,
    steps: Sequence[tuple[Recorded, Step]],
    schema: str | None,
) -> None:
    stores = {table: StoredRows(connection, table, schema) for table in projector.tables}
    keys: dict[Table, dict[object, None]] = defaultdict(dict)
    for _, step in steps:
        keys[step.table][step.key] = None
    before = {table: stores[table].load(list(found)) for table, found in keys.items()}
    after: dict[Table, dict[object, Row | None]] = {t: dict(rows) for t, rows in before.items()}
    for event, step in steps:
        rows = after[step.table]
        try:
            rows[step.key] = stored(step.change(rows.get(step.key)))
        except (KeyError, ValueError, TypeError) as problem:
            raise ProjectionError(
                f"{type(event.event).__name__} at position {event.position} does not fit"
                f" {step.table.fullname} {step.key}: {problem}"
            ) from problem
    # First, so that what comes back under another key finds its unique values free.
    for table in reversed(projector.tables):
        gone = [key for key, row in after.get(table, {}).items() if row is None]
        stores[table].delete([key for key in gone if key in before[table]])
    for table, store in stores.items():
        store.release(before.get(table, {}), after.get(table, {}))
    for table, store in stores.items():
        kept = [(key, row) for key, row in after.get(table, {}).items() if row is not None]
        known = before.get(table, {})
        store.insert([row for key, row in kept if key not in known])
        store.update([r for key, r in kept if key in known and r != known[key]])
