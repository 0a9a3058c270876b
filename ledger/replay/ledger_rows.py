"""Rows according to the ledger's events alone, to detect rows and edits of other writers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from ledger.events import MatchesReaffirmed, PersonErased
from ledger.projections import BRIDGE
from ledger.projections.tutorials import tutorials
from ledger.schema.column_values import Row, stored
from ledger.schema.declared import Table
from ledger.store.read import Selection, read_recorded
from ledger.tables.shapes.shape import TutorialTables

# Reaffirms an unchanged decision: sets only ``last_synced``, and is by far the most frequent event.
_TYPES = [kind.__name__ for kind in BRIDGE.handles if kind is not MatchesReaffirmed]


def ledger_rows(reader: psycopg.Connection[Any], table: Table) -> dict[int, Row]:
    """The rows of a bridge table according to the ledger, by primary key; ``last_synced`` only as
    changes and decisions set it."""
    name = table.fullname
    erasures = {PersonErased.__name__}
    rows: dict[Any, Row] = {}
    events = [*read_recorded(reader, Selection(types=set(_TYPES) - erasures, table=name))]
    if any(column.personal for column in table.columns):
        events += read_recorded(reader, Selection(types=erasures))
        events.sort(key=lambda recorded: recorded.position)
    for recorded in events:
        for step in BRIDGE.handles[type(recorded.event)](recorded):
            if step.table.fullname == name:
                after = stored(step.change(rows.get(step.key)))
                if after is None:
                    rows.pop(step.key, None)
                else:
                    rows[step.key] = after
    return rows


def tutorial_ledger_rows(
    reader: psycopg.Connection[Any], tables: TutorialTables
) -> Mapping[str, dict[int, Row]]:
    """The tutorial rows made here according to the ledger, by table and primary key, with the
    columns that these tables have."""
    handles = tutorials(tables).handles
    rows: dict[str, dict[Any, Row]] = {table.fullname: {} for table in tables.tables}
    for recorded in read_recorded(reader, Selection(types=[kind.__name__ for kind in handles])):
        for step in handles[type(recorded.event)](recorded):
            found = rows[step.table.fullname]
            after = stored(step.change(found.get(step.key)))
            if after is None:
                found.pop(step.key, None)
            else:
                found[step.key] = after
    return rows
