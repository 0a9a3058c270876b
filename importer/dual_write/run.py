"""An import run: its plan recorded, then its events created, several at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from attrs import define, field

from importer.dual_write import administrate_requests as requests
from importer.dual_write.event import EventOutcome, EventWriter, ImportProgress, State, unfinished
from importer.dual_write.leave_out import NOTHING, LeavingOut, leave_out, left_out_outcomes
from importer.planning.event_in_progress import EventInProgress
from importer.planning.plan import Approval, approvals_of
from importer.planning.prepare import ImportOptions, PreparedImport, prepare, workbook_of
from importer.planning.record import (
    RecordedPlan,
    record_plan,
    recorded_plan,
    workbook_read,
)
from ledger.database.connection import driver
from ledger.errors import StoppedResumably
from ledger.runs.kinds import IMPORT
from ledger.runs.run import Run, new_run, resumed_run
from ledger.runs.states import RunState
from ledger.store.ledger import Ledger
from ledger.tables.shapes.observed import tables_in
from sync.administrate.client import Administrate
from sync.administrate.reads import lookups
from sync.events.agreement import Agreement
from sync.events.labels import read_labels
from sync.writing import several_events
from sync.writing.writer import Writer


class ImportStopped(StoppedResumably):
    """Some events are not finished; resuming continues with these."""


Reporter: TypeAlias = several_events.Reporter[EventOutcome]


@define
class ImportRun:
    """An import in progress: the run, the client, the reporter, and the recorded plan."""

    run: Run
    client: Administrate
    options: ImportOptions
    reporter: Reporter
    recorded: RecordedPlan
    outcomes: list[EventOutcome] = field(factory=list)

    def record(self, prepared: PreparedImport) -> None:
        """Records the accepted plan; later changes of reference data do not affect it.

        Raises ``AdmsyncError`` where another import was planned since this one was prepared.
        """
        run, ledger = self.run, self.run.ledger
        read = self.recorded.position
        if not read:
            # A run older than this release: its start came without the workbook.
            event = workbook_read(prepared.file, prepared.sheet)
            [read] = run.append(event, blobs=[prepared.file.content]).positions
        record_plan(
            run, prepared.plan, prepared.sheet, prepared.reference, read=read, seen=prepared.seen
        )
        self.recorded = recorded_plan(ledger, run.run_id)

    def make_all(self) -> None:
        """Creates every unfinished event.

        A failed one does not stop the others; raises ``ImportStopped`` at the end where any is
        unfinished.
        """
        with several_events.staying_resumable(ImportStopped):
            self._make_all()

    def _make_all(self) -> None:
        assert self.recorded.planned is not None  # noqa: S101 - recorded before, in the same run
        self.run.refused = self.recorded.planned.refused
        events_in_progress = self.recorded.to_make
        writer = Writer.of(self.run, self.client)
        progress = ImportProgress.of(self.run.ledger, self.run.run_id)
        with self.run.ledger.database.transaction() as connection:
            reader = driver(connection)
            agreement = Agreement(tables_in(reader), read_labels(reader))
        events = EventWriter(self.run, writer, progress, agreement)
        self.outcomes += left_out_outcomes(self.recorded, progress)
        self.run.step = "approvals"
        self._approve(writer, approvals_of(in_progress.plan for in_progress in events_in_progress))
        self.run.step = "events"
        self.reporter.began(len(events_in_progress))
        try:
            with self.client.at_most(self.options.workers):
                for outcome in self._made(events, events_in_progress):
                    self.outcomes.append(outcome)
                    self.reporter.finished(outcome)
        finally:
            self.reporter.ended()
            self._count()
        if left := unfinished(self.outcomes):
            first = next((one for one in left if one.problems), left[0])
            why = f": {first.in_progress.plan.title}: {first.problems[0]}" if first.problems else ""
            raise ImportStopped(
                f"{len(left)} of {len(events_in_progress)} events are not finished{why}"
            )

    def _approve(self, writer: Writer, approvals: Sequence[Approval]) -> None:
        """Approves instructors in addition to the current ones; the API replaces the whole list."""
        due = {requests.approval_record(one): one for one in approvals}
        for about in [about for about in due if writer.is_done(f"{about} approve")]:
            del due[about]
        ids = [one.template.external_id for one in due.values()]
        approved = lookups.approved_instructors(self.client, ids)
        for about, one in due.items():
            people = approved.get(one.template.external_id, frozenset()).union(one.people)
            # Where it is refused, so are the sessions' instructors, and their events say why.
            request = requests.approve(one.template.external_id, people)
            writer.write(request, about=about, slot=f"{about} approve")

    def _made(
        self, writer: EventWriter, events_in_progress: Sequence[EventInProgress]
    ) -> Iterator[EventOutcome]:
        """Each event's outcome as it completes."""
        # The rows of some events are written while the calls of others are under way; of one at a
        # time each is finished before the next.
        workers = self.options.workers
        return several_events.outcomes_of(
            events_in_progress,
            writer.make,
            lambda one: EventOutcome(one, State.UNTRIED),
            self.run.stop,
            2 * workers if workers > 1 else 1,
        )

    def _count(self) -> None:
        counts = dict.fromkeys(State, 0)
        for outcome in self.outcomes:
            counts[outcome.state] += 1
        done = [one.in_progress.plan for one in self.outcomes if one.state is State.DONE]
        self.run.counts = {
            "events": counts[State.DONE],
            "sessions": sum(len(plan.sessions) for plan in done),
            "unfinished": len(unfinished(self.outcomes)),
            "skipped rows": self.recorded.planned.skipped if self.recorded.planned else 0,
        }
        if counts[State.LEFT_OUT]:
            self.run.counts["left out"] = counts[State.LEFT_OUT]


@contextmanager
def new_import(
    ledger: Ledger,
    client: Administrate,
    options: ImportOptions,
    reporter: Reporter,
    prepared: PreparedImport,
) -> Iterator[ImportRun]:
    """A new import with its plan recorded; it locks its workbook against other runs.

    The workbook is stored in the append of the run's start, which names it: no kill comes between.
    """
    fields = options.as_fields()
    given = workbook_read(prepared.file, prepared.sheet)
    with new_run(
        ledger,
        IMPORT.name,
        fields,
        holds=IMPORT.holds(fields),
        given=[given],
        blobs=[prepared.file.content],
    ) as run:
        started = ImportRun(run, client, options, reporter, recorded_plan(ledger, run.run_id))
        started.record(prepared)
        yield started


@contextmanager
def resumed_import(
    ledger: Ledger,
    client: Administrate,
    state: RunState,
    reporter: Reporter,
    environ: Mapping[str, str],
    leaving_out: LeavingOut = NOTHING,
) -> Iterator[ImportRun]:
    """A stopped import, ready to continue; planned again only where no plan was accepted.

    Raises ``UsageRefused`` where an event to leave out is none of its plan, and ``CannotLeaveOut``
    where Administrate has it under an id that is not recorded yet.
    """
    options = ImportOptions.of(state.options)
    recorded_plan(ledger, state.run_id).to_leave_out(leaving_out.events)
    with resumed_run(ledger, state.run_id, holds=IMPORT.holds(state.options)) as run:
        # Under its lock: until here another process may have left some of them out.
        with several_events.staying_resumable(ImportStopped):
            plan = recorded_plan(ledger, run.run_id)
            if events := plan.to_leave_out(leaving_out.events):
                leave_out(run, client, plan, events, leaving_out.reason)
        resumed = ImportRun(run, client, options, reporter, recorded_plan(ledger, run.run_id))
        if resumed.recorded.planned is None:
            file = workbook_of(ledger.database, options)
            prepared = prepare(ledger, client, file, environ, approve=options.approve)
            resumed.record(prepared)
        yield resumed
