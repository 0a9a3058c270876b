"""Runs: what a changing command does around its work, so that the ledger knows how it went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import metadata
from typing import Any
from uuid import UUID

import structlog
from attrs import define, field, frozen
from sqlalchemy import Connection, Select, func, select
from uuid_utils.compat import uuid7

from ledger.book import Ledger
from ledger.database import Database, driver
from ledger.entries import Entry
from ledger.errors import AdmsyncError, DatabaseUnreachable, StoppedResumably, UsageRefused
from ledger.events import Event, RunCompleted, RunFailed, RunInterrupted, RunResumed, RunStarted
from ledger.interrupts import StopRequest, waiting_interrupts
from ledger.locks import held_keys, holding, lock_key
from ledger.store import Appended, head
from ledger.tables import column_names
from ledger.tables.open_writes import OPEN_WRITES
from ledger.tables.runs import RUNS
from ledger.values import Fields, Value

_BEGINNINGS: dict[type[Event], str] = {RunStarted: "run started", RunResumed: "run resumed"}


@define
class Run:
    """A run under way: it appends in its own name, and counts what it does."""

    ledger: Ledger
    run_id: UUID
    stop: StopRequest
    step: str = "start"
    counts: dict[str, Value] = field(factory=dict)
    refused: int = 0

    def append(self, *events: Event, cause: int | None = None, **more: Any) -> Appended:
        """Appends events of this run, all following from the same cause; see ``Ledger.append``."""
        return self.append_entries([Entry(event, cause) for event in events], **more)

    def append_entries(self, entries: Sequence[Entry], **more: Any) -> Appended:
        """Appends entries of this run; see ``Ledger.append``."""
        return self.ledger.append(entries, run_id=self.run_id, **more)


@contextmanager
def new_run(
    ledger: Ledger, command: str, options: Fields | None = None, *, holds: tuple[str, ...] = ()
) -> Iterator[Run]:
    """A run from its first event to its last, which says how it ended, whatever happens.

    ``holds`` names what no other run may work on meanwhile. An interrupt, and any error that is
    ``StoppedResumably``, leave the run where ``resume`` goes on; any other error fails it.
    """
    started = RunStarted(command=command, options=options or {}, software=software_version())
    with _running(ledger, uuid7(), started, holds) as run:
        yield run


@contextmanager
def resumed_run(ledger: Ledger, run_id: UUID, *, holds: tuple[str, ...] = ()) -> Iterator[Run]:
    """A run that stopped, going on under the same id; ends like ``new_run``."""
    resumed = RunResumed(software=software_version())
    with _running(ledger, run_id, resumed, holds) as run:
        yield run


@contextmanager
def _running(ledger: Ledger, run_id: UUID, first: Event, holds: tuple[str, ...]) -> Iterator[Run]:
    with (
        structlog.contextvars.bound_contextvars(run_id=str(run_id)),
        holding(ledger.database, run_id, holds),
        waiting_interrupts() as stop,
    ):
        run = Run(ledger, run_id, stop)
        run.append(first)
        structlog.get_logger().info(_BEGINNINGS[type(first)], holds=holds)
        with _ending(run):
            yield run


@contextmanager
def _ending(run: Run) -> Iterator[None]:
    log = structlog.get_logger()
    try:
        yield
    except (KeyboardInterrupt, StoppedResumably, DatabaseUnreachable) as stop:
        reason = str(stop) or "interrupted"
        with suppress(DatabaseUnreachable):
            # Where even this cannot be told, the run is known by its lock that nobody holds.
            run.append(RunInterrupted(step=run.step, reason=reason))
            log.warning("run stopped", step=run.step, reason=reason, **_anchor(run.ledger.database))
        raise StoppedResumably(
            f"stopped at {run.step}: {reason}; go on with: admsync resume {run.run_id}"
        ) from stop
    except Exception as problem:
        # What is no message for a person may hold anything, a person's name included.
        reason = str(problem) if isinstance(problem, AdmsyncError) else type(problem).__name__
        run.append(RunFailed(reason=reason))
        log.error("run failed", step=run.step, reason=reason, **_anchor(run.ledger.database))
        raise
    run.append(RunCompleted(counts=run.counts, refused=run.refused))
    log.info("run completed", counts=run.counts, **_anchor(run.ledger.database))


def _anchor(database: Database) -> dict[str, object]:
    """The chain's head, for a place where the ledger's owner cannot rewrite it."""
    with database.transaction() as connection:
        position, link = head(driver(connection))
    return {"position": position, "link": link.hex()}


def software_version() -> str:
    """The version of the program, as a run's first event tells it."""
    return metadata.version("admsync")


@frozen
class RunState:
    """A run as it is known now. ``state`` is running, done, stopped, failed or undone."""

    run_id: UUID
    command: str
    options: dict[str, Any]
    software: str
    actor: str
    state: str
    reason: str
    counts: dict[str, Any]
    refused: int
    started_at: Any
    ended_at: Any
    first_position: int
    # Writes of which nobody knows whether they were done.
    open_writes: int = 0

    @property
    def seconds(self) -> float | None:
        """From its start to its end; ``None`` where it has not ended."""
        if self.ended_at is None:
            return None
        return float((self.ended_at - self.started_at).total_seconds())

    @property
    def workbook(self) -> str | None:
        """The file an import is of."""
        given = self.options.get("path")
        return None if given is None else str(given)


def run_states(database: Database, *, limit: int | None = None) -> list[RunState]:
    """The runs, newest first. One that was killed shows as stopped: nobody holds its lock."""
    with database.transaction() as connection:
        return states_in(connection, RUNS.select().limit(limit))


def states_in(connection: Connection, chosen: Select[Any]) -> list[RunState]:
    """The states of the runs a query of ``RUNS`` chooses, newest first."""
    names = (*column_names(RUNS), "open_writes")
    unknown = select(func.count()).where(OPEN_WRITES.c.run_id == RUNS.c.run_id).scalar_subquery()
    query = chosen.add_columns(unknown).order_by(RUNS.c.first_position.desc())
    rows = [dict(zip(names, row, strict=True)) for row in connection.execute(query)]
    held = held_keys(driver(connection))
    for row in rows:
        if row["state"] == "running" and lock_key(f"run/{row['run_id']}") not in held:
            row.update(state="stopped", reason="its process ended without a word")
    return [RunState(**row) for row in rows]


def unfinished_runs(connection: Connection) -> list[RunState]:
    """The runs that wait for somebody: stopped, or ended with writes of unknown outcome."""
    # Of a run that was undone, nobody has to find out any more.
    in_doubt = RUNS.c.run_id.in_(select(OPEN_WRITES.c.run_id)) & (RUNS.c.state != "undone")
    waiting = RUNS.c.state.in_(("running", "stopped")) | in_doubt
    return [s for s in states_in(connection, RUNS.select().where(waiting)) if s.state != "running"]


def find_run(database: Database, text: str) -> RunState:
    """The run of that id, or the only one whose id begins or ends so, or the ``last`` one.

    Raises ``UsageRefused`` where there is none, or more than one.
    """
    states = run_states(database)
    if not states:
        raise UsageRefused(f"no run of id {text!r}: nothing has run yet")
    if text == "last":
        return states[0]
    wanted = text.lower().removeprefix("run/")
    found = [
        s for s in states if str(s.run_id).startswith(wanted) or str(s.run_id).endswith(wanted)
    ]
    if len(found) != 1 or not wanted:
        several = "several runs" if found else "no run"
        raise UsageRefused(f"{several} of id {text!r}; admsync runs lists them")
    return found[0]


def run_to_resume(database: Database, text: str | None) -> RunState:
    """The run meant, or the newest that stopped. Raises ``UsageRefused`` where none can go on."""
    if text is not None:
        state = find_run(database, text)
        if state.state != "stopped":
            raise UsageRefused(
                f"run {state.run_id} is {state.state}; only one that stopped goes on"
            )
        return state
    stopped = [state for state in run_states(database) if state.state == "stopped"]
    if not stopped:
        raise UsageRefused("no run has stopped; there is nothing to go on with")
    return stopped[0]
