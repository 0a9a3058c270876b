"""Projects tutorial rows: the rows of schema ``acted`` made by this program, and no others.

Their columns are the web application's: the projector is built for tables of one shape, and uses
those fields of each event that have a column there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import cast

from attrs import frozen

from ledger.events import (
    RecordIdentified,
    SessionInstructorsChanged,
    TutorialEventCreated,
    TutorialRecordCarriedOver,
    TutorialRecordChanged,
    TutorialRecordDeleted,
    TutorialRecordEdited,
    TutorialRecordRemoved,
    TutorialSessionCreated,
)
from ledger.events.recorded import Recorded
from ledger.projections.projector import Projector, Step
from ledger.schema.column_values import Row, column_value
from ledger.tables.shapes.observed import AS_MADE
from ledger.tables.shapes.shape import (
    SESSION_INSTRUCTORS,
    TUTORIAL_EVENTS,
    TUTORIAL_SESSIONS,
    TutorialTables,
)
from ledger.values import Fields


@cache
def tutorials(tables: TutorialTables) -> Projector:
    """The projector of the rows made in these tables."""
    rows = _Rows(tables)
    return Projector(
        name="tutorials",
        tables=tables.tables,
        handles={
            TutorialEventCreated: rows.event_created,
            TutorialSessionCreated: rows.session_created,
            TutorialRecordCarriedOver: rows.carried_over,
            TutorialRecordChanged: rows.changed,
            TutorialRecordEdited: rows.changed,
            SessionInstructorsChanged: rows.instructors_changed,
            RecordIdentified: rows.identified,
            TutorialRecordRemoved: rows.removed,
            TutorialRecordDeleted: rows.removed,
        },
        shared=True,
    )


def in_shape(projectors: Sequence[Projector], tables: TutorialTables) -> list[Projector]:
    """The projectors, that of tutorial rows made for these tables."""
    return [tutorials(tables) if one.name == TUTORIALS.name else one for one in projectors]


@frozen(eq=False)
class _Rows:
    tables: TutorialTables

    def event_created(self, recorded: Recorded) -> Iterable[Step]:
        event = cast("TutorialEventCreated", recorded.event)
        return [self._made(recorded, TUTORIAL_EVENTS, event.row_id, event.fields)]

    def session_created(self, recorded: Recorded) -> Iterable[Step]:
        event = cast("TutorialSessionCreated", recorded.event)
        fields = {**event.fields, "tutorial_event_id": event.event_id}
        yield self._made(recorded, TUTORIAL_SESSIONS, event.row_id, fields)
        for one in event.instructors:
            pair: Fields = {
                "tutorialsessions_id": event.row_id,
                "tutorialinstructor_id": one.instructor_id,
            }
            yield self._made(recorded, SESSION_INSTRUCTORS, one.row_id, pair)

    def carried_over(self, recorded: Recorded) -> Iterable[Step]:
        event = cast("TutorialRecordCarriedOver", recorded.event)
        return [self._set(event.table, event.row_id, event.fields)]

    def changed(self, recorded: Recorded) -> Iterable[Step]:
        event = cast("TutorialRecordChanged | TutorialRecordEdited", recorded.event)
        after = {name: change.after for name, change in event.changes.items()}
        return [self._set(event.table, event.row_id, after)]

    def instructors_changed(self, recorded: Recorded) -> Iterable[Step]:
        event = cast("SessionInstructorsChanged", recorded.event)
        table = self.tables.named(SESSION_INSTRUCTORS)
        for one in event.removed:
            yield Step(table, one.row_id, _gone)
        for one in event.added:
            pair: Row = {
                "id": one.row_id,
                "tutorialsessions_id": event.row_id,
                "tutorialinstructor_id": one.instructor_id,
            }
            # Where the web application added it, it is there already.
            yield Step(table, one.row_id, partial(_of, pair))

    def identified(self, recorded: Recorded) -> Iterable[Step]:
        event = cast("RecordIdentified", recorded.event)
        table, _, row_id = (event.linked or "").partition("/")
        if table != TUTORIAL_EVENTS:
            return
        held = self.tables.changed(table, event.fields)

        def take(row: Row | None) -> Row | None:
            # The web application may have deleted it.
            return row and {**row, **held}

        if held:
            yield Step(self.tables.events, int(row_id), take)

    def removed(self, recorded: Recorded) -> Iterable[Step]:
        event = cast("TutorialRecordRemoved | TutorialRecordDeleted", recorded.event)
        yield Step(self.tables.named(event.table), event.row_id, _gone)
        for one in event.instructors:
            yield Step(self.tables.named(SESSION_INSTRUCTORS), one.row_id, _gone)

    def _set(self, table: str, row_id: int, fields: Fields) -> Step:
        """Columns set by their names; those that the tables lack are passed over."""
        held = {name: column_value(value) for name, value in fields.items()}

        def change(row: Row | None) -> Row | None:
            return row and {name: held.get(name, value) for name, value in row.items()}

        return Step(self.tables.named(table), row_id, change)

    def _made(self, recorded: Recorded, table: str, row_id: int, fields: Fields) -> Step:
        stamped = {**fields, "made_at": recorded.recorded_at}

        def make(row: Row | None) -> Row:
            if row is not None:
                raise ValueError("the row is there already")
            held = self.tables.row(table, stamped)
            return {"id": row_id, **{n: column_value(value) for n, value in held.items()}}

        return Step(self.tables.named(table), row_id, make)


def _gone(_row: Row | None) -> None:
    """A row that goes."""


def _of(row: Row, _before: Row | None) -> Row:
    """A row that is so afterwards."""
    return row


TUTORIALS = tutorials(AS_MADE)
