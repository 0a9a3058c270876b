"""Local writes: the tutorial rows that this system makes, and removes again."""

from __future__ import annotations

from attrs import frozen

from ledger.events.base import Event, record_name
from ledger.values import Fields

TUTORIAL_EVENTS = "acted.tutorial_events"
TUTORIAL_SESSIONS = "acted.tutorial_sessions"
_INSTRUCTORS = "acted.tutorial_instructors"


@frozen(kw_only=True)
class TutorialEventCreated(Event):
    """A tutorial event was made: its primary key and its columns."""

    row_id: int
    fields: Fields

    def record(self) -> str:
        return record_name(TUTORIAL_EVENTS, self.row_id)


@frozen(kw_only=True)
class SessionInstructor:
    """Who teaches a session: the primary key of the row that says so, and the instructor's."""

    row_id: int
    instructor_id: int


@frozen(kw_only=True)
class TutorialSessionCreated(Event):
    """A session of a tutorial event was made: its primary key, its columns, who teaches it."""

    row_id: int
    event_id: int
    fields: Fields
    instructors: tuple[SessionInstructor, ...]

    def record(self) -> str:
        return record_name(TUTORIAL_SESSIONS, self.row_id)

    def others(self) -> tuple[str, ...]:
        people = (record_name(_INSTRUCTORS, one.instructor_id) for one in self.instructors)
        return (record_name(TUTORIAL_EVENTS, self.event_id), *people)


@frozen(kw_only=True)
class TutorialRecordRemoved(Event):
    """A tutorial event or session that this system made was removed again.

    ``fields`` is how it last stood; ``instructors`` who taught it.
    """

    table: str
    row_id: int
    fields: Fields
    instructors: tuple[SessionInstructor, ...] = ()

    def record(self) -> str:
        return record_name(self.table, self.row_id)

    def others(self) -> tuple[str, ...]:
        return tuple(record_name(_INSTRUCTORS, one.instructor_id) for one in self.instructors)
