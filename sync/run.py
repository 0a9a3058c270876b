"""A sync run: its entities one after another, from the start or from where it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast
from uuid import UUID

import cattrs
from attrs import asdict, field, frozen

from ledger.errors import AdmsyncError, DatabaseUnavailable, StoppedResumably
from ledger.events import EntitySynced, Event
from ledger.runs.kinds import SYNC
from ledger.runs.run import Run, new_run, resumed_run
from ledger.runs.states import RunState
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.values import Fields, Value
from sync.administrate.client import Administrate
from sync.administrate.reads.pages import Paging
from sync.entities import BY_NAME, ENTITIES, SESSIONS
from sync.entity import Entity
from sync.fetch.fetching import Fetcher, Records
from sync.pipeline import sync_entity
from sync.synced import Synced
from sync.writing.writer import Created

# How long a page of an interrupted run is reused.
FRESH = timedelta(hours=1)
# Not added again when an entity is synced twice in one run.
_ADDED_ONCE = ("unchanged", "skipped")


class StepFailed(AdmsyncError):
    """One or more steps failed for good, while the others went on."""


class StepsStopped(StoppedResumably):
    """One or more steps failed, while the others went on; they can be resumed."""


@frozen
class SyncOptions:
    """The options of a sync; stored with the run, for resuming it."""

    entities: tuple[str, ...]
    page_size: int = 100
    skip_errors: bool = False
    allow_deletes: bool = False
    every: bool = False

    def as_fields(self) -> Fields:
        return {**asdict(self), "entities": list(self.entities)}

    @classmethod
    def of(cls, fields: dict[str, object]) -> SyncOptions:
        """The options of a started run."""
        return cattrs.structure(fields, cls)


class Reporter(Protocol):
    """Receives a sync's progress, step by step."""

    def began(self, entity: Entity, number: int, of: int) -> None: ...

    def fetched(self, records: int, of: int) -> None: ...

    def done_before(self, entity: Entity, counts: Fields) -> None: ...

    def synced(self, synced: Synced) -> None: ...

    def failed(self, entity: Entity, problem: AdmsyncError) -> None: ...

    def created(self, entity: Entity, created: Created) -> None: ...


@frozen
class SyncRun:
    """A sync in progress: the run, the client, and the reporter."""

    run: Run
    client: Administrate
    options: SyncOptions
    reporter: Reporter
    done: dict[str, Fields] = field(factory=dict)
    kept_pages: dict[int, Records] = field(factory=dict, repr=False)

    @property
    def entities(self) -> list[Entity]:
        """The entities to sync, in order."""
        return [BY_NAME[name] for name in self.options.entities]

    def take_all(self) -> None:
        """Takes every unfinished step, in order.

        With ``skip_errors`` the steps after a failed one are tried too; the failures are raised at
        the end.
        """
        steps = self.entities
        problems: list[AdmsyncError] = []
        for number, entity in enumerate(steps, 1):
            self.run.stop.check()
            self.reporter.began(entity, number, len(steps))
            if entity.name in self.done:
                self.reporter.done_before(entity, self.done[entity.name])
                continue
            try:
                self.take(entity)
            except AdmsyncError as problem:
                self.reporter.failed(entity, problem)
                if not self.options.skip_errors or self.run.stop.asked:
                    raise
                problems.append(problem)
        if problems:
            message = (
                f"{len(problems)} of {len(steps)} steps failed: {'; '.join(map(str, problems))}"
            )
            passing = StoppedResumably | DatabaseUnavailable
            resumable = any(isinstance(problem, passing) for problem in problems)
            raise StepsStopped(message) if resumable else StepFailed(message)

    def take(self, entity: Entity, *, anew: bool = False) -> None:
        """Takes one step; ``anew``: fetches again, without the run's stored pages."""
        now = datetime.now(UTC)
        fetcher = Fetcher(
            run=self.run,
            client=self.client,
            paging=Paging(page_size=self.options.page_size),
            fresh_since=now if anew else now - FRESH,
            on_page=self.reporter.fetched,
            with_sessions=SESSIONS in self.entities,
            kept=self.kept_pages,
        )
        synced = sync_entity(
            self.run,
            entity,
            fetcher,
            allow_deletes=self.options.allow_deletes,
            every=self.options.every,
        )
        self.count(synced.counts, anew=anew)
        self.reporter.synced(synced)

    def count(self, counts: Mapping[str, Value], *, anew: bool = False) -> None:
        """Adds a step's counts to the run's; for one taken ``anew``, the counts of changes only."""
        for name, count in counts.items():
            if not (anew and name in _ADDED_ONCE):
                self.run.counts[name] = int(str(count)) + int(str(self.run.counts.get(name, 0)))
        if not anew:
            self.run.refused += int(str(counts["skipped"]))


@contextmanager
def new_sync(
    ledger: Ledger,
    client: Administrate,
    command: str,
    options: SyncOptions,
    reporter: Reporter,
    given: Sequence[Event] = (),
) -> Iterator[SyncRun]:
    """A new sync; it locks its entities against other runs. ``given`` are events of its input."""
    fields = options.as_fields()
    with new_run(ledger, command, fields, holds=SYNC.holds(fields), given=given) as run:
        yield SyncRun(run, client, options, reporter)


@contextmanager
def resumed_sync(
    ledger: Ledger, client: Administrate, state: RunState, reporter: Reporter
) -> Iterator[SyncRun]:
    """A stopped sync, continued after its finished steps."""
    options = SyncOptions.of(state.options)
    with resumed_run(ledger, state.run_id, holds=SYNC.holds(state.options)) as run:
        under_way = SyncRun(run, client, options, reporter)
        for finished in _steps_done(ledger, state.run_id):
            under_way.count(finished.counts, anew=finished.entity in under_way.done)
            under_way.done[finished.entity] = finished.counts
        yield under_way


def entity_names(name: str) -> tuple[str, ...]:
    """The entities for a command's argument: one, or, for ``all``, the nine in their order."""
    return tuple(entity.name for entity in ENTITIES) if name == "all" else (name,)


def _steps_done(ledger: Ledger, run_id: UUID) -> list[EntitySynced]:
    finished = ledger.read(Selection(run_id=run_id, types=[EntitySynced.__name__]))
    return [cast("EntitySynced", recorded.event) for recorded in finished]
