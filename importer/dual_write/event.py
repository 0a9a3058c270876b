"""Creates one event in both systems, step by step; a restart continues after the last finished
step.

Finished steps are known from the ledger and cost neither request nor event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from uuid import UUID

from attrs import define, field, frozen

from importer.dual_write import administrate_requests as requests
from importer.dual_write.identify import append_identified
from importer.dual_write.tutorial_events import (
    EVENTS,
    SESSIONS,
    event_identified,
    rows_made,
    session_identified,
)
from importer.planning.event_in_progress import EventInProgress, SessionKeys
from importer.validation.planned_event import Mode, PlannedSession
from ledger.errors import AdmsyncError
from ledger.events import RecordIdentified, TutorialEventCreated, record_name
from ledger.runs.run import Run
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from sync.administrate.reads import lookups
from sync.administrate.reads.listings import Record, nodes
from sync.administrate.writes.declaration import WriteRequest
from sync.writer import WriteOutcome, Writer


class State(Enum):
    """The progress of an event; all but the first can be resumed."""

    DONE = "imported"
    REFUSED = "refused by Administrate"
    UNKNOWN = "a person has to choose"
    STOPPED = "not finished"
    UNTRIED = "not begun"


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
        """The progress according to the ledger."""
        progress = cls()
        kinds = [TutorialEventCreated.__name__, RecordIdentified.__name__]
        for recorded in ledger.read(Selection(run_id=run_id, types=kinds)):
            match recorded.event:
                case TutorialEventCreated(row_id=row_id):
                    progress.tutorial_events.add(row_id)
                case RecordIdentified(table=table, row_id=row_id, key=key):
                    progress.ids[table, row_id] = key
        return progress


@define
class _Trouble:
    """Administrate's refusals for an event, step by step."""

    problems: list[str] = field(factory=list)
    notes: list[str] = field(factory=list)
    disputed: bool = False

    def settled(self, what: str, settled: WriteOutcome) -> bool:
        """Whether the write was done; a refusal is noted."""
        errors = "; ".join(settled.errors)
        if settled.done:
            if settled.errors and settled.record:
                self.notes.append(f"{what}: done, with a warning: {errors}")
            return True
        if settled.disputed:
            self.disputed = True
            errors = f"it may be any of {' and '.join(settled.disputed)}; say which by deleting the"
            errors += " others in Administrate"
        self.problems.append(f"{what}: {errors}")
        return False

    def outcome(self, in_progress: EventInProgress, event_id: str | None) -> EventOutcome:
        state = State.REFUSED if self.problems else State.DONE
        if self.disputed:
            state = State.UNKNOWN
        return EventOutcome(in_progress, state, event_id, tuple(self.problems), tuple(self.notes))


@frozen
class EventWriter:
    """Creates events for one run; shared by its threads, each with an event of its own."""

    run: Run
    writer: Writer
    progress: ImportProgress
    title_is_code: bool = False

    def make(self, in_progress: EventInProgress) -> EventOutcome:
        """Creates the event in both systems; errors are in the outcome.

        Tutorial rows stay whatever Administrate answers.
        """
        trouble = _Trouble()
        if self._is_misleading(in_progress):
            trouble.problems.append(
                f"the event: its code {in_progress.plan.code!r} is not its title, by which the web"
                " application finds events since its tables changed; roll the run back and import"
                " it under another title"
            )
            return trouble.outcome(in_progress, None)
        try:
            self._make_rows(in_progress)
            event_id = self._create_event(in_progress, trouble)
            if event_id is not None:
                self._finish(in_progress, event_id, trouble)
        except AdmsyncError as stopped:
            known = self.progress.ids.get((EVENTS, in_progress.keys.bridge))
            problems = (*trouble.problems, str(stopped))
            notes = tuple(trouble.notes)
            return EventOutcome(in_progress, State.STOPPED, known, problems, notes, stopped)
        return trouble.outcome(in_progress, event_id)

    def _is_misleading(self, in_progress: EventInProgress) -> bool:
        """Whether a webhook about the event would be taken for one about another: planned before
        the tables changed, and certainly not created yet."""
        begun = self.writer.may_be_done(f"{in_progress.record} create")
        return self.title_is_code and in_progress.plan.code != in_progress.plan.title and not begun

    def _make_rows(self, in_progress: EventInProgress) -> None:
        if in_progress.keys.tutorial in self.progress.tutorial_events:
            return
        self.run.stop.check()
        self.run.append(*rows_made(in_progress), cause=in_progress.position)
        self.progress.tutorial_events.add(in_progress.keys.tutorial)

    def _create_event(self, in_progress: EventInProgress, trouble: _Trouble) -> str | None:
        known = self.progress.ids.get((EVENTS, in_progress.keys.bridge))
        if known is not None:
            return known
        request = requests.create_event(in_progress.plan)
        settled = self._write(request, in_progress.record, f"{in_progress.record} create")
        if not trouble.settled("the event", settled) or settled.id is None:
            return None
        self._identify_event(in_progress, settled.id, settled.record, trouble)
        return settled.id

    def _identify_event(
        self, in_progress: EventInProgress, event_id: str, record: Record, trouble: _Trouble
    ) -> None:
        """Records the event's id, and those of its scheduled sessions.

        These are assigned by start, still unchanged by this import: the n-th is day n.
        """
        blended = in_progress.plan.mode is Mode.BLENDED
        if not record or (blended and "sessions" not in record):
            # Created before an interruption, without its ids recorded.
            [record] = lookups.events_by_id(self.writer.client, (event_id,))
        legacy = record.get("legacyId")
        events = [event_identified(in_progress, event_id, legacy)]
        ids = {(EVENTS, in_progress.keys.bridge): event_id}
        made = [str(one["id"]) for one in nodes(record, "sessions")] if blended else []
        for session, keys in _days(in_progress):
            if session.day <= len(made):
                session_id = made[session.day - 1]
                events.append(session_identified(keys, session_id))
                ids[SESSIONS, keys.bridge] = session_id
        if beyond := len(made) - len(ids) + 1:
            many = f"{beyond} session{'s' * (beyond > 1)}"
            trouble.notes.append(
                f"Administrate has {many} more, made by the course template's schedule"
            )
        append_identified(self.run, events, cause=in_progress.position)
        self.progress.ids.update(ids)

    def _finish(self, in_progress: EventInProgress, event_id: str, trouble: _Trouble) -> None:
        """The sessions by day, then the staff: administrators also get the sessions created
        here."""
        there = [
            (session, session_id, record)
            for session, keys in _days(in_progress)
            if (session_id := self._make_session(in_progress, session, keys, event_id, trouble))
            for record in (record_name("acted.tutorial_sessions", keys.tutorial),)
        ]
        for contact in in_progress.plan.administrators:
            request = requests.add_event_administrator(event_id, contact)
            settled = self._write(
                request, in_progress.record, f"{in_progress.record} staff {contact}"
            )
            trouble.settled(f"the administrator {contact}", settled)
        for session, session_id, record in there:
            for one in session.instructors:
                request = requests.add_instructor(session_id, one.external_id)
                settled = self._write(request, record, f"{record} staff {one.external_id}")
                trouble.settled(f"day {session.day}, the instructor {one.external_id}", settled)
        if in_progress.plan.sold_out:
            request = requests.mark_sold_out(event_id)
            settled = self._write(request, in_progress.record, f"{in_progress.record} sold out")
            trouble.settled("the event sold out", settled)

    def _make_session(
        self,
        in_progress: EventInProgress,
        session: PlannedSession,
        keys: SessionKeys,
        event_id: str,
        trouble: _Trouble,
    ) -> str | None:
        """The session's id, its times set; None where Administrate refuses."""
        record = record_name("acted.tutorial_sessions", keys.tutorial)
        create, what = f"{record} create", f"day {session.day}"
        known = self.progress.ids.get((SESSIONS, keys.bridge))
        if known is not None and not self.writer.was_requested(create):
            settled = self._write(requests.set_session(session, known), record, f"{record} set")
            return known if trouble.settled(what, settled) else None
        if known is None:
            request = requests.create_session(in_progress.plan, session, event_id)
            settled = self._write(request, record, create)
            if not trouble.settled(what, settled) or settled.id is None:
                return None
            known = settled.id
            identified = session_identified(keys, known)
            append_identified(self.run, [identified], cause=in_progress.position)
            self.progress.ids[SESSIONS, keys.bridge] = known
        if session.custom_fields:
            request = requests.set_custom_fields(session, known)
            trouble.settled(what, self._write(request, record, f"{record} set"))
        return known

    def _write(self, request: WriteRequest, about: str, slot: str) -> WriteOutcome:
        return self.writer.write(request, about=about, slot=slot)


def _days(in_progress: EventInProgress) -> Iterator[tuple[PlannedSession, SessionKeys]]:
    return zip(in_progress.plan.sessions, in_progress.keys.sessions, strict=True)


def unfinished(outcomes: Sequence[EventOutcome]) -> list[EventOutcome]:
    """The events a resumed run continues with."""
    return [one for one in outcomes if one.state is not State.DONE]
