"""Local writes: the tutorial rows that this program creates and removes."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import PERSONAL, Event, record_name
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
