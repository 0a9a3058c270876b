"""An import run: its plan recorded, then its events made, several at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from uuid import UUID

from attrs import define, field, frozen

from importer import requests
from importer.event_writer import EventOutcome, EventWriter, Standing, State, unfinished
from importer.plan import Approval, Plan, approvals_of, make_plan
from importer.planned import Making
from importer.recording import (
    Recorded,
    digest_of,
    newest_plan,
    record_plan,
    record_workbook,
    recorded_plan,
)
from importer.validate import validate
from importer.workbook import Sheet, read_workbook
from importer.world import World, read_world
from ledger.blobs import get_blob
from ledger.book import Ledger
from ledger.database import Database, driver
from ledger.errors import AdmsyncError, StoppedResumably
from ledger.events import record_name
from ledger.runs import Run, RunState, new_run, resumed_run, run_states
from ledger.values import Fields
from sync.administrate import lookups
from sync.administrate.client import Administrate
from sync.administrate.errors import (
    CredentialsRefused,
    Throttled,
    TokenRefused,
    TokenUnavailable,
    Unreachable,
)
from sync.writer import Writer

COMMAND = "import-events"
WORKERS = 4
# What ails every event alike, so that trying the next is of no use.
_ENDS_ALL = (Unreachable, Throttled, TokenUnavailable, TokenRefused, CredentialsRefused)


class ImportStopped(StoppedResumably):
    """Some events are not finished; the others are, and resuming goes on with these."""


@frozen
class ImportOptions:
    """What an import was asked to do; kept with its run, so that resuming asks nothing again.

    ``path`` is where the workbook was, ``report`` where its receipt goes, if anywhere.
    """

    path: str
    digest: str
    approve: bool = True
    workers: int = WORKERS
    report: str | None = None

    def as_fields(self) -> Fields:
        return {
            "path": self.path,
            "digest": self.digest,
            "approve": self.approve,
            "workers": self.workers,
            "report": self.report,
        }

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> ImportOptions:
        """The options a run was started with."""
        report = fields["report"]
        return cls(
            str(fields["path"]),
            str(fields["digest"]),
            bool(fields["approve"]),
            int(str(fields["workers"])),
            None if report is None else str(report),
        )


@frozen
class Prepared:
    """A workbook read, and what an import of it would do.

    ``seen`` is the newest plan that any import had recorded before.
    """

    content: bytes = field(repr=False)
    sheet: Sheet
    world: World
    plan: Plan
    seen: int


class Reporter(Protocol):
    """Is told how an import goes, event by event, from several threads' work but by one."""

    def began(self, events: int) -> None: ...

    def finished(self, outcome: EventOutcome) -> None: ...

    def ended(self) -> None: ...


def prepare(
    ledger: Ledger,
    client: Administrate,
    path: Path,
    environ: Mapping[str, str],
    *,
    approve: bool = True,
) -> Prepared:
    """Reads the workbook and plans its import; nothing is written anywhere.

    Raises ``WorkbookError`` for a file that is no workbook of events.
    """
    sheet, seen = read_workbook(path), newest_plan(ledger)
    world = read_world(ledger.database, client, sheet, environ)
    plan = make_plan(validate(sheet, world.reference, approve=approve), world.codes, world.tax_type)
    return Prepared(path.read_bytes(), sheet, world, plan, seen)


def earlier_import(database: Database, digest: str) -> UUID | None:
    """The newest run that imported the same file to its end, where there is one.

    Raises ``AdmsyncError`` where one stopped before its end: that is to be resumed.
    """
    runs = [
        state
        for state in run_states(database)
        if state.command == COMMAND and state.options.get("digest") == digest
    ]
    for state in runs:
        if state.state == "stopped":
            raise AdmsyncError(
                f"run {state.run_id} has begun to import this file and stopped; go on with:"
                f" admsync resume {state.run_id}"
            )
    return next((state.run_id for state in runs if state.state == "done"), None)


@define
class ImportRun:
    """An import under way: the run, the client, whom to tell, and what was recorded of the plan."""

    run: Run
    client: Administrate
    options: ImportOptions
    reporter: Reporter
    recorded: Recorded
    outcomes: list[EventOutcome] = field(factory=list)

    def record(self, prepared: Prepared) -> None:
        """Keeps the workbook and the accepted plan; from here on the world cannot change it.

        Raises ``AdmsyncError`` where another import was planned since this one was prepared.
        """
        run, ledger = self.run, self.run.ledger
        if newest_plan(ledger) != prepared.seen:
            raise AdmsyncError("another import was begun meanwhile; import the file again")
        read = self.recorded.position or record_workbook(
            run, Path(self.options.path).name, prepared.content, prepared.sheet
        )
        record_plan(run, prepared.plan, prepared.sheet, prepared.world.reference, read)
        self.recorded = recorded_plan(ledger, run.run_id)

    def make_all(self) -> None:
        """Makes every event that is not done yet.

        One that fails leaves the others going; raises ``ImportStopped`` at the end where any is
        not finished.
        """
        assert self.recorded.planned is not None  # noqa: S101 - recorded before, in the same run
        self.run.refused = self.recorded.planned.refused
        makings = self.recorded.makings
        writer = Writer.of(self.run, self.client)
        standing = Standing.of(self.run.ledger, self.run.run_id)
        self.run.step = "approvals"
        self._approve(writer, approvals_of(making.plan for making in makings))
        self.run.step = "events"
        self.reporter.began(len(makings))
        try:
            for outcome in self._made(EventWriter(self.run, writer, standing), makings):
                self.outcomes.append(outcome)
                self.reporter.finished(outcome)
        finally:
            self.reporter.ended()
            self._count()
        if left := unfinished(self.outcomes):
            first = next((one for one in left if one.problems), left[0])
            why = f": {first.making.plan.title}: {first.problems[0]}" if first.problems else ""
            raise ImportStopped(f"{len(left)} of {len(makings)} events are not finished{why}")

    def _approve(self, writer: Writer, approvals: Sequence[Approval]) -> None:
        """Approves instructors beside those who are by now; the API takes the whole list."""
        due = {
            record_name("adm.course_templates", one.template.external_id): one for one in approvals
        }
        for about in [about for about in due if writer.is_done(f"{about} approve")]:
            del due[about]
        ids = [one.template.external_id for one in due.values()]
        approved = lookups.approved_instructors(self.client, ids)
        for about, one in due.items():
            people = approved.get(one.template.external_id, frozenset()).union(one.people)
            # Where it is refused, so are the sessions' instructors, and their events say why.
            request = requests.approve(one.template.external_id, people)
            writer.write(request, about=about, slot=f"{about} approve")

    def _made(self, writer: EventWriter, makings: Sequence[Making]) -> Iterator[EventOutcome]:
        """Each event's outcome as it comes; once nothing can succeed, the rest is left untried."""
        hopeless = False

        def make(making: Making) -> EventOutcome:
            if hopeless or self.run.stop.asked:
                return EventOutcome(making, State.UNTRIED)
            return writer.make(making)

        with ThreadPoolExecutor(self.options.workers, thread_name_prefix="event") as pool:
            waiting = [pool.submit(make, making) for making in makings]
            try:
                for future in as_completed(waiting):
                    outcome = future.result()
                    hopeless = hopeless or isinstance(outcome.stopped, _ENDS_ALL)
                    yield outcome
            finally:
                hopeless = True

    def _count(self) -> None:
        counts = dict.fromkeys(State, 0)
        for outcome in self.outcomes:
            counts[outcome.state] += 1
        done = [one.making.plan for one in self.outcomes if one.state is State.DONE]
        self.run.counts = {
            "events": counts[State.DONE],
            "sessions": sum(len(plan.sessions) for plan in done),
            "unfinished": len(self.outcomes) - counts[State.DONE],
            "skipped rows": self.recorded.planned.skipped if self.recorded.planned else 0,
        }


@contextmanager
def new_import(
    ledger: Ledger, client: Administrate, options: ImportOptions, reporter: Reporter
) -> Iterator[ImportRun]:
    """An import from its start; it holds its workbook against other runs."""
    with new_run(ledger, COMMAND, options.as_fields(), holds=_holds(options)) as run:
        nothing = recorded_plan(ledger, run.run_id)
        yield ImportRun(run, client, options, reporter, nothing)


@contextmanager
def resumed_import(
    ledger: Ledger,
    client: Administrate,
    state: RunState,
    reporter: Reporter,
    environ: Mapping[str, str],
) -> Iterator[ImportRun]:
    """An import that stopped, ready to go on; planned anew only where no plan was accepted."""
    options = ImportOptions.of(state.options)
    with resumed_run(ledger, state.run_id, holds=_holds(options)) as run:
        resumed = ImportRun(run, client, options, reporter, recorded_plan(ledger, run.run_id))
        if resumed.recorded.planned is None:
            with workbook_of(ledger.database, options) as path:
                prepared = prepare(ledger, client, path, environ, approve=options.approve)
            resumed.record(prepared)
        yield resumed


@contextmanager
def workbook_of(database: Database, options: ImportOptions) -> Iterator[Path]:
    """The workbook of an import as a file: as it was kept or, before that, where it was.

    Raises ``AdmsyncError`` where neither has it.
    """
    with database.transaction() as connection:
        content = get_blob(driver(connection), bytes.fromhex(options.digest))
    path = Path(options.path)
    if content is None and path.is_file():
        content = path.read_bytes()
    if content is None or digest_of(content) != options.digest:
        raise AdmsyncError(
            f"the workbook {path.name} is neither kept nor where it was; nothing of it is begun:"
            " import it again"
        )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        copy.write_bytes(content)
        yield copy


def _holds(options: ImportOptions) -> tuple[str, ...]:
    return (f"workbook/{options.digest}",)
