"""Creates one event in both systems, step by step; a restart continues after the last finished
step.

Finished steps are known from the ledger and cost neither request nor event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import partial
from uuid import UUID

from attrs import define, field, frozen

from importer.dual_write import administrate_requests as requests
from importer.dual_write.identify import append_identified
from importer.dual_write.tutorial_events import (
    DRAFTED,
    EVENTS,
    SESSIONS,
    event_identified,
    rows_made,
    session_identified,
    tutorial_event,
    tutorial_session,
)
from importer.planning.event_in_progress import EventInProgress, SessionKeys
from importer.validation.planned_event import Mode, PlannedSession
from ledger.errors import AdmsyncError
from ledger.events import (
    Event,
    RecordIdentified,
    TutorialEventCreated,
    TutorialRecordRemoved,
    record_name,
)
from ledger.output.words import counted
from ledger.runs.run import Run
from ledger.schema import acted
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from sync.administrate.reads import lookups
from sync.administrate.reads.listings import Record, nodes
from sync.administrate.writes.declaration import WriteRequest
from sync.events.agreement import Agreement
from sync.writing.slots import WriteOutcome
from sync.writing.writer import Follows, Writer, nothing


class State(Enum):
    """The progress of an event; all but the first two can be resumed."""

    DONE = "imported"
    LEFT_OUT = "left out"
    REFUSED = "refused by Administrate"
    UNKNOWN = "a person has to choose"
    STOPPED = "not finished"
    UNTRIED = "not begun"


class EventGone(AdmsyncError):
    """An event was deleted in Administrate before its id was recorded."""


@frozen
class EventOutcome:
    """The outcome of an event: its state, its errors, its warnings.

    ``stopped`` is the error that ended it early.
    """

    in_progress: EventInProgress
    state: State
    event_id: str | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stopped: AdmsyncError | None = None


@define
class ImportProgress:
    """A run's created records: its tutorial events, and Administrate's ids by bridge row."""

    tutorial_events: set[int] = field(factory=set)
    ids: dict[tuple[str, int], str] = field(factory=dict)

    @classmethod
    def of(cls, ledger: Ledger, run_id: UUID) -> ImportProgress:
        progress = cls()
        kinds = [
            one.__name__ for one in (TutorialEventCreated, TutorialRecordRemoved, RecordIdentified)
        ]
        for recorded in ledger.read(Selection(run_id=run_id, types=kinds)):
            match recorded.event:
                case TutorialEventCreated(row_id=row_id):
                    progress.tutorial_events.add(row_id)
                case TutorialRecordRemoved(table=acted.EVENTS.fullname, row_id=row_id):
                    progress.tutorial_events.discard(row_id)
                case RecordIdentified(table=table, row_id=row_id, key=key):
                    progress.ids[table, row_id] = key
        return progress


@frozen
class EventWriter:
    """Creates events for one run; shared by its threads, each with an event of its own."""

    run: Run
    writer: Writer
    progress: ImportProgress
    agreement: Agreement

    def make(self, in_progress: EventInProgress) -> EventOutcome:
        """Creates the event in both systems; errors are in the outcome.

        Tutorial rows stay whatever Administrate answers.
        """
        return _Creation(self, in_progress).outcome()


@define
class _Creation:
    """The creation of one event, step by step, with Administrate's refusals.

    ``is_unknown`` where a person has to say which of several records a write made.
    """

    by: EventWriter
    event: EventInProgress
    problems: list[str] = field(factory=list)
    notes: list[str] = field(factory=list)
    is_unknown: bool = False

    def outcome(self) -> EventOutcome:
        """Takes the steps that are left."""
        state, event_id, stop = State.DONE, None, None
        try:
            if self._is_misleading():
                self.problems.append(_MISLEADING.format(self.event.plan.code))
            else:
                self._make_rows()
                event_id = self._create_event()
                if event_id is not None:
                    self._finish(event_id)
        except AdmsyncError as stopped:
            state, stop = State.STOPPED, stopped
            event_id = self.by.progress.ids.get((EVENTS, self.event.keys.bridge))
            self.problems.append(str(stopped))
        else:
            if self.problems:
                state = State.UNKNOWN if self.is_unknown else State.REFUSED
        problems, notes = tuple(self.problems), tuple(self.notes)
        return EventOutcome(self.event, state, event_id, problems, notes, stop)

    def _is_misleading(self) -> bool:
        """Whether a webhook about the event would be taken for one about another: planned before
        the tables changed, and certainly not created yet."""
        begun = self.by.writer.may_be_done(creation_slot(self.event))
        plan, shape = self.event.plan, self.by.agreement.tables.shape
        return shape.title_is_code and plan.code != plan.title and not begun

    def _make_rows(self) -> None:
        if self.event.keys.tutorial in self.by.progress.tutorial_events:
            return
        self.by.run.stop.check()
        self.by.run.append(*rows_made(self.event), cause=self.event.position)
        self.by.progress.tutorial_events.add(self.event.keys.tutorial)

    def _create_event(self) -> str | None:
        known = self.by.progress.ids.get((EVENTS, self.event.keys.bridge))
        if known is not None:
            return known
        request = requests.create_event(self.event.plan)
        created = self._written("the event", request, "create", follows=self._event_agreed)
        if created is None or created.id is None:
            return None
        self._identify_event(created.id, created.record)
        return created.id

    def _identify_event(self, event_id: str, record: Record) -> None:
        """Records the event's id, and those of its scheduled sessions.

        These are assigned by start, still unchanged by this import: the n-th is day n.
        """
        blended = self.event.plan.mode is Mode.BLENDED
        if not record or (blended and "sessions" not in record):
            # Created before an interruption, without its ids recorded.
            found = lookups.events_by_id(self.by.writer.client, (event_id,))
            if not found:
                raise EventGone(
                    f"Administrate has no event {event_id} any more, which this import made: leave"
                    " it out (resume --leave-out)"
                )
            [record] = found
        events = [event_identified(self.event, event_id, record.get("legacyId"))]
        ids = {(EVENTS, self.event.keys.bridge): event_id}
        made = [str(one["id"]) for one in nodes(record, "sessions")] if blended else []
        for session, keys in self._days():
            if session.day <= len(made):
                session_id = made[session.day - 1]
                events.append(session_identified(keys, session_id))
                ids[SESSIONS, keys.bridge] = session_id
        if beyond := len(made) - len(ids) + 1:
            self.notes.append(
                f"Administrate has {counted(beyond, 'session')} more, made by the course template's"
                " schedule"
            )
        self._identified(events, ids)

    def _identified(
        self, events: Sequence[RecordIdentified], ids: Mapping[tuple[str, int], str]
    ) -> None:
        append_identified(self.by.run, events, cause=self.event.position)
        self.by.progress.ids.update(ids)

    def _finish(self, event_id: str) -> None:
        """The sessions by day, then the staff: administrators also get the sessions created
        here."""
        there = [
            (session, session_id, record)
            for session, keys in self._days()
            for record in (record_name("acted.tutorial_sessions", keys.tutorial),)
            if (session_id := self._make_session(session, keys, record, event_id))
        ]
        for contact in self.event.plan.administrators:
            request = requests.add_event_administrator(event_id, contact)
            self._written(f"the administrator {contact}", request, f"staff {contact}")
        for session, session_id, record in there:
            for one in (instructor.external_id for instructor in session.instructors):
                request = requests.add_instructor(session_id, one)
                what = f"day {session.day}, the instructor {one}"
                self._written(what, request, f"staff {one}", record)
        if self.event.plan.sold_out:
            request = requests.mark_sold_out(event_id)
            self._written("the event sold out", request, "sold out", follows=self._event_agreed)

    def _make_session(
        self, session: PlannedSession, keys: SessionKeys, record: str, event_id: str
    ) -> str | None:
        """The session's id, its times set; None where Administrate refuses."""
        what, agreed = f"day {session.day}", partial(self._session_agreed, session, keys)
        known = self.by.progress.ids.get((SESSIONS, keys.bridge))
        if known is not None and not self.by.writer.was_requested(f"{record} create"):
            request = requests.set_session(session, known)
            done = self._written(what, request, "set", record, follows=agreed)
            return known if done else None
        if known is None:
            request = requests.create_session(self.event.plan, session, event_id)
            created = self._written(what, request, "create", record, follows=agreed)
            if created is None or created.id is None:
                return None
            known = created.id
            self._identified([session_identified(keys, known)], {(SESSIONS, keys.bridge): known})
        if session.custom_fields:
            request = requests.set_custom_fields(session, known)
            self._written(what, request, "set", record, follows=agreed)
        return known

    def _event_agreed(self, event_id: str, record: Record) -> Iterator[Event]:
        """What both systems hold of the event; that it is sold out, its creation cannot say."""
        keys, unset = self.event.keys, self.event.plan.sold_out and not record.get("isSoldOut")
        agreed = self.by.agreement.written(
            EVENTS,
            event_id,
            keys.bridge,
            keys.tutorial,
            record,
            {**tutorial_event(self.event), **DRAFTED},
            but_for=("sold_out",) if unset else (),
        )
        if agreed is not None:
            yield agreed

    def _session_agreed(
        self, session: PlannedSession, keys: SessionKeys, session_id: str, record: Record
    ) -> Iterator[Event]:
        """What both systems hold of the session; its custom fields, its creation cannot set."""
        unset = session.url is not None and not record.get("customFieldValues")
        agreed = self.by.agreement.written(
            SESSIONS,
            session_id,
            keys.bridge,
            keys.tutorial,
            record,
            tutorial_session(session),
            but_for=("url",) if unset else (),
        )
        if agreed is not None:
            yield agreed

    def _days(self) -> Iterator[tuple[PlannedSession, SessionKeys]]:
        return zip(self.event.plan.sessions, self.event.keys.sessions, strict=True)

    def _written(
        self,
        what: str,
        request: WriteRequest,
        step: str,
        record: str = "",
        *,
        follows: Follows = nothing,
    ) -> WriteOutcome | None:
        """The answer to the write of a step about a record, if none is named the event's; None
        where it was not done, which is noted."""
        about = record or self.event.record
        answer = self.by.writer.write(request, about=about, slot=f"{about} {step}", follows=follows)
        errors = answer.said
        if answer.done:
            if answer.errors and answer.record:
                self.notes.append(f"{what}: done, with a warning: {errors}")
            return answer
        if answer.disputed:
            self.is_unknown = True
            errors = f"it may be any of {' and '.join(answer.disputed)}; say which by deleting the"
            errors += " others in Administrate"
        self.problems.append(f"{what}: {errors}")
        return None


_MISLEADING = (
    "the event: its code {!r} is not its title, by which the web application finds events since its"
    " tables changed; roll the run back and import it under another title"
)


def creation_slot(event: EventInProgress) -> str:
    """The slot of the event's creation in Administrate."""
    return f"{event.record} create"


def unfinished(outcomes: Sequence[EventOutcome]) -> list[EventOutcome]:
    """The events a resumed run continues with."""
    return [one for one in outcomes if one.state not in (State.DONE, State.LEFT_OUT)]
