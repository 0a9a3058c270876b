"""Tutorial rows: those of schema ``acted`` that this system makes, and no other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table

from ledger.entries import Recorded
from ledger.events import TutorialEventCreated, TutorialRecordRemoved, TutorialSessionCreated
from ledger.projections.projector import Projector, Row, Step, column_value
from ledger.tables import acted, column_names
from ledger.values import Fields

_BY_NAME = {table.fullname: table for table in (acted.EVENTS, acted.SESSIONS)}


def _event_created(recorded: Recorded) -> Iterable[Step]:
    event = cast("TutorialEventCreated", recorded.event)
    return [_stamped(recorded, acted.EVENTS, event.row_id, event.fields)]


def _session_created(recorded: Recorded) -> Iterable[Step]:
    event = cast("TutorialSessionCreated", recorded.event)
    fields = {**event.fields, "tutorial_event_id": event.event_id}
    yield _stamped(recorded, acted.SESSIONS, event.row_id, fields)
    for one in event.instructors:
        pair: Fields = {
            "tutorialsessions_id": event.row_id,
            "tutorialinstructor_id": one.instructor_id,
        }
        yield _new_row(acted.SESSION_INSTRUCTORS, one.row_id, pair)


def _removed(recorded: Recorded) -> Iterable[Step]:
    event = cast("TutorialRecordRemoved", recorded.event)
    yield Step(_BY_NAME[event.table], event.row_id, lambda _row: None)
    for one in event.instructors:
        yield Step(acted.SESSION_INSTRUCTORS, one.row_id, lambda _row: None)


def _stamped(recorded: Recorded, table: Table, row_id: int, fields: Fields) -> Step:
    stamps = dict.fromkeys(("created_at", "updated_at"), recorded.recorded_at)
    return _new_row(table, row_id, {**fields, **stamps})


def _new_row(table: Table, row_id: int, fields: Fields) -> Step:
    def make(row: Row | None) -> Row:
        if row is not None:
            raise ValueError("the row is there already")
        given: Row = {"id": row_id, **{n: column_value(value) for n, value in fields.items()}}
        lacking = set(column_names(table)) ^ given.keys()
        if lacking:
            raise ValueError(f"its columns are not {', '.join(sorted(lacking))}")
        return given

    return Step(table, row_id, make)


TUTORIALS = Projector(
    name="tutorials",
    tables=(acted.EVENTS, acted.SESSIONS, acted.SESSION_INSTRUCTORS),
    handles={
        TutorialEventCreated: _event_created,
        TutorialSessionCreated: _session_created,
        TutorialRecordRemoved: _removed,
    },
    shared=True,
)
