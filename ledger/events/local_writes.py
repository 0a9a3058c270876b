"""Local writes: the tutorial rows that this program creates and removes."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import PERSONAL, Event, record_name
from ledger.events.records import FieldChange
from ledger.values import Fields

TUTORIAL_EVENTS = "acted.tutorial_events"
TUTORIAL_SESSIONS = "acted.tutorial_sessions"
_INSTRUCTORS = "acted.tutorial_instructors"
# The stream of what shape the tutorial tables have.
TUTORIAL_SHAPE = "acted/shape"


@frozen(kw_only=True)
class TutorialEventCreated(Event):
    """A tutorial event was created: its primary key and its columns' values.

    The fields are those of every shape of the web application's tables; the projection takes what
    the tables have a column for. ``people`` are the records of those it may name.
    """

    row_id: int
    fields: Fields = field(metadata=PERSONAL)
    people: tuple[str, ...] = ()

    def record(self) -> str:
        return record_name(TUTORIAL_EVENTS, self.row_id)

    def others(self) -> tuple[str, ...]:
        return self.people


@frozen(kw_only=True)
class SessionInstructor:
    """An instructor of a session: the primary key of the row that assigns them, and the
    instructor's."""

    row_id: int
    instructor_id: int


@frozen(kw_only=True)
class TutorialSessionCreated(Event):
    """A session of a tutorial event was created: its primary key, its columns, its instructors."""

    row_id: int
    event_id: int
    fields: Fields = field(metadata=PERSONAL)
    instructors: tuple[SessionInstructor, ...]

    def record(self) -> str:
        return record_name(TUTORIAL_SESSIONS, self.row_id)

    def others(self) -> tuple[str, ...]:
        people = (record_name(_INSTRUCTORS, one.instructor_id) for one in self.instructors)
        return (record_name(TUTORIAL_EVENTS, self.event_id), *people)


@frozen(kw_only=True)
class TutorialRecordRemoved(Event):
    """A tutorial event or session created by this program was removed again.

    ``fields`` is its last state; ``instructors`` its last instructors.
    """

    table: str
    row_id: int
    fields: Fields = field(metadata=PERSONAL)
    instructors: tuple[SessionInstructor, ...] = ()

    def record(self) -> str:
        return record_name(self.table, self.row_id)

    def others(self) -> tuple[str, ...]:
        return tuple(record_name(_INSTRUCTORS, one.instructor_id) for one in self.instructors)


@frozen(kw_only=True)
class TutorialShapeObserved(Event):
    """The web application's tables have other columns than before: rows are projected into these
    from here on.

    ``columns`` are, by table, those that rows are written to, and which of them take no NULL.
    """

    shape: str
    former: str
    columns: dict[str, dict[str, bool]]

    def record(self) -> str:
        return TUTORIAL_SHAPE


@frozen(kw_only=True)
class TutorialRecordCarriedOver(Event):
    """The web application's migrations gave a row of this program new columns, with these
    values."""

    table: str
    row_id: int
    fields: Fields = field(metadata=PERSONAL)

    def record(self) -> str:
        return record_name(self.table, self.row_id)


@frozen(kw_only=True)
class TutorialRecordChanged(Event):
    """A tutorial record created by this program was changed by it, column by column.

    ``why`` is *administrate* (its change was applied), *decided*, *command* or *rollback*.
    """

    table: str
    row_id: int
    changes: dict[str, FieldChange] = field(metadata=PERSONAL)
    why: str

    def record(self) -> str:
        return record_name(self.table, self.row_id)


@frozen(kw_only=True)
class TutorialRecordEdited(Event):
    """The web application changed columns of a tutorial record created by this program."""

    table: str
    row_id: int
    changes: dict[str, FieldChange] = field(metadata=PERSONAL)

    def record(self) -> str:
        return record_name(self.table, self.row_id)


@frozen(kw_only=True)
class SessionInstructorsChanged(Event):
    """Instructors were added to or removed from a session created by this program: by it or, where
    ``edited``, by the web application."""

    row_id: int
    added: tuple[SessionInstructor, ...] = ()
    removed: tuple[SessionInstructor, ...] = ()
    edited: bool = False

    def record(self) -> str:
        return record_name(TUTORIAL_SESSIONS, self.row_id)

    def others(self) -> tuple[str, ...]:
        people = (*self.added, *self.removed)
        return tuple(record_name(_INSTRUCTORS, one.instructor_id) for one in people)


@frozen(kw_only=True)
class TutorialRecordDeleted(Event):
    """The web application deleted a tutorial record created by this program; ``fields`` are the
    columns that the ledger knew, ``instructors`` those of a session."""

    table: str
    row_id: int
    fields: Fields = field(metadata=PERSONAL)
    instructors: tuple[SessionInstructor, ...] = ()

    def record(self) -> str:
        return record_name(self.table, self.row_id)

    def others(self) -> tuple[str, ...]:
        return tuple(record_name(_INSTRUCTORS, one.instructor_id) for one in self.instructors)


@frozen(kw_only=True)
class TutorialSessionFound(Event):
    """The web application added a session to a tutorial event created by this program; the row
    stays its own."""

    row_id: int
    event_id: int
    fields: Fields = field(metadata=PERSONAL)

    def record(self) -> str:
        return record_name(TUTORIAL_SESSIONS, self.row_id)

    def others(self) -> tuple[str, ...]:
        return (record_name(TUTORIAL_EVENTS, self.event_id),)
