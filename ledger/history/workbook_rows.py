"""Workbook rows: the outcome of each import of a row, and the row a record was made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import orjson
import psycopg
from attrs import frozen

from ledger.canonical import escaped
from ledger.events import RowAccepted, RowEvent, RowRefused, RowSkipped, WorkbookRead
from ledger.events.recorded import Recorded
from ledger.history.record_history import events_at
from ledger.store.read import Selection, read_recorded

_VALIDATED = [kind.__name__ for kind in (RowAccepted, RowRefused, RowSkipped)]


@frozen
class Outcome:
    """The outcome of one row in one import: the row's event, and that of its workbook."""

    recorded: Recorded
    workbook: WorkbookRead

    @property
    def positions(self) -> tuple[int, ...]:
        """The positions of the two events."""
        return (self.recorded.cause or 0, self.recorded.position)

    @property
    def row(self) -> RowEvent:
        return cast("RowEvent", self.recorded.event)

    @property
    def made(self) -> tuple[str, ...]:
        """The tutorial records planned from the row."""
        return self.row.made if isinstance(self.row, RowAccepted) else ()


@frozen
class RowSought:
    """A row of a workbook to look up: its file, its place, its content, its event.

    ``event_key`` and ``cells``, the cells that name its event, may be empty.
    """

    digest: str
    number: int
    fingerprint: str
    event_key: str
    cells: Mapping[str, str]


def rows_like(
    connection: psycopg.Connection[Any], sought: RowSought, *, until: int | None = None
) -> list[Outcome]:
    """The outcomes, oldest first, of all rows that match: same place in that file, same content,
    same event key, or same cells that name the event."""
    found = connection.execute(
        "SELECT position FROM ledger.events WHERE type = ANY(%(validated)s)"
        " AND position <= coalesce(%(until)s, position)"
        " AND (payload ->> 'fingerprint' = %(fingerprint)s"
        " OR payload ->> 'event_key' = nullif(%(event_key)s, '')"
        " OR (%(cells)s <> '{}' AND (payload -> 'cells')::jsonb @> %(cells)s::jsonb)"
        " OR (payload ->> 'row' = %(number)s AND cause IN (SELECT position FROM ledger.events"
        "     WHERE type = 'WorkbookRead' AND payload ->> 'digest' = %(digest)s)))",
        {
            "validated": _VALIDATED,
            "until": until,
            "fingerprint": sought.fingerprint,
            "event_key": escaped(sought.event_key),
            "cells": orjson.dumps({k: escaped(text) for k, text in sought.cells.items()}).decode(),
            "number": str(sought.number),
            "digest": sought.digest,
        },
    )
    return _outcomes(connection, Selection(positions=[position for (position,) in found]))


def origin_of(
    connection: psycopg.Connection[Any], records: Iterable[str], *, until: int | None = None
) -> Outcome | None:
    """The row that one of the records was imported from, if it was."""
    wanted = set(records)
    about = Selection(subjects=wanted, types=[RowAccepted.__name__], until=until)
    outcomes = _outcomes(connection, about)
    return next((one for one in outcomes if not wanted.isdisjoint(one.made)), None)


def _outcomes(connection: psycopg.Connection[Any], selection: Selection) -> list[Outcome]:
    found = read_recorded(connection, selection, tolerant=True)
    rows = [one for one in found if isinstance(one.event, RowEvent)]
    workbooks = events_at(connection, list({one.cause for one in rows if one.cause is not None}))
    return [
        Outcome(one, workbook)
        for one in rows
        if (read := workbooks.get(one.cause or 0)) is not None
        and isinstance(workbook := read.event, WorkbookRead)
    ]
