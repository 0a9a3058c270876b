"""Rows according to the ledger's events alone, to detect rows and edits of other writers.

A sync keeps what it read (``known_rows``): the next one reads the events since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import psycopg

from ledger.events import MatchesReaffirmed, PersonErased
from ledger.events.recorded import Recorded
from ledger.projections import BRIDGE
from ledger.projections.projector import Step
from ledger.projections.tutorials import tutorials
from ledger.replay.known_rows import Rows, keep_rows, read_known_rows
from ledger.schema.column_values import Row, stored
from ledger.schema.declared import Table
from ledger.store.append import head
from ledger.store.read import Selection, read_recorded
from ledger.tables.shapes.shape import TutorialTables
from ledger.zones import set_midnights

# Reaffirms an unchanged decision: sets only ``last_synced``, and is by far the most frequent event.
_TYPES = [kind.__name__ for kind in BRIDGE.handles if kind is not MatchesReaffirmed]
_ERASURES = {PersonErased.__name__}


def ledger_rows(
    reader: psycopg.Connection[Any], table: Table, *, keep: bool = False
) -> dict[int, Row]:
    """The rows of a bridge table according to the ledger, by primary key; ``last_synced`` only as
    changes and decisions set it. ``keep``: for the next time, in a transaction that writes."""
    name = table.fullname
    if any(column.personal for column in table.columns):
        return _with_erasures(reader, name)
    known = read_known_rows(reader, {name: table.names})
    for row in known.rows[name].values() if table.days else ():
        set_midnights(row, (one for one in table.days if one in row))
    until = head(reader)[0]
    events = read_recorded(
        reader,
        Selection(after=known.position, until=until, types=set(_TYPES) - _ERASURES, table=name),
    )
    changed = _apply(known.rows, _bridge_steps(events, name))
    if keep:
        keep_rows(reader, known, known.rows, changed, until)
    return known.rows[name]


def tutorial_ledger_rows(
    reader: psycopg.Connection[Any], tables: TutorialTables, *, keep: bool = False
) -> Mapping[str, dict[int, Row]]:
    """The tutorial rows made here according to the ledger, by table and primary key, with the
    columns that these tables have; ``keep`` as for ``ledger_rows``."""
    projector = tutorials(tables)
    columns = {
        one.fullname: ("id", *(column.name for column in tables.columns(one.fullname)))
        for one in tables.tables
    }
    known = read_known_rows(reader, columns, tables.shape.name)
    until = head(reader)[0]
    types = [kind.__name__ for kind in projector.handles]
    events = read_recorded(reader, Selection(after=known.position, until=until, types=types))
    changed = _apply(known.rows, _steps(events, projector.handles))
    if keep:
        keep_rows(reader, known, known.rows, changed, until)
    return known.rows


def _with_erasures(reader: psycopg.Connection[Any], name: str) -> dict[int, Row]:
    """The rows of a table that names people, from all events: nothing of them is kept."""
    events = [*read_recorded(reader, Selection(types=set(_TYPES) - _ERASURES, table=name))]
    events += read_recorded(reader, Selection(types=_ERASURES))
    events.sort(key=lambda recorded: recorded.position)
    rows: Rows = {name: {}}
    _apply(rows, _bridge_steps(events, name))
    return rows[name]


def _bridge_steps(events: Iterable[Recorded], table: str) -> Iterator[Step]:
    return (one for one in _steps(events, BRIDGE.handles) if one.table.fullname == table)


def _steps(
    events: Iterable[Recorded], handles: Mapping[Any, Callable[[Recorded], Iterable[Step]]]
) -> Iterator[Step]:
    for recorded in events:
        yield from handles[type(recorded.event)](recorded)


def _apply(rows: Rows, steps: Iterable[Step]) -> dict[str, set[Any]]:
    """Takes the steps, one after the other; the keys of the rows that they are about, by table."""
    changed: dict[str, set[Any]] = defaultdict(set)
    for step in steps:
        found = rows[step.table.fullname]
        changed[step.table.fullname].add(step.key)
        after = stored(step.change(found.get(step.key)))
        if after is None:
            found.pop(step.key, None)
        else:
            found[step.key] = after
    return changed
