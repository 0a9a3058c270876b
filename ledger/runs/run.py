"""The frame of every changing command: its start, its end and its counts in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib import metadata
from typing import Any
from uuid import UUID

import psycopg
import structlog
from attrs import define, evolve, field
from uuid_utils.compat import uuid7

from ledger.errors import AdmsyncError, DatabaseUnavailable, StoppedResumably
from ledger.events import (
    Event,
    RunCompleted,
    RunFailed,
    RunInterrupted,
    RunResumed,
    RunSetAside,
    RunStarted,
)
from ledger.runs.anchoring import noted_head
from ledger.runs.interrupts import StopRequest, waiting_interrupts
from ledger.runs.kinds import kind_of
from ledger.runs.locks import holding
from ledger.runs.states import (
    check_unended,
    count_open_writes,
    did_its_work,
    states_of,
    superseded_by,
)
from ledger.store.append import Appended
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.tutorial_shape import take_up_shape
from ledger.tables.database_columns import require_bridge_columns
from ledger.values import Fields, Value

# What ends a run only for now.
_PASSING = (KeyboardInterrupt, StoppedResumably, DatabaseUnavailable)
# By whether it was done; None where the database does not say.
_WHAT_WAS_DONE = {
    True: "all of it was done: admsync show {}",
    False: "nothing was done: run it again",
    None: "whether it was done, admsync runs tells",
}
_BEGINNINGS: dict[type[Event], str] = {RunStarted: "run started", RunResumed: "run resumed"}


@define
class Run:
    """A run in progress: appends events in its name, and counts its work.

    Its ``ledger`` takes no more appends once the run's locks are lost.
    """

    ledger: Ledger
    run_id: UUID
    stop: StopRequest
    resumable: bool = True
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
    ledger: Ledger,
    command: str,
    options: Fields | None = None,
    *,
    holds: tuple[str, ...] = (),
    given: Sequence[Event] = (),
    blobs: Sequence[bytes] = (),
) -> Iterator[Run]:
    """A run from its first event to its last, which says how it ended, whatever happens.

    ``holds`` names what no other run may work on meanwhile; ``given`` are events of its input,
    appended with its start and with the ``blobs`` that they name. An interrupt, a database that is
    not there just now, and any error that is ``StoppedResumably`` leave the run where ``resume``
    goes on; any other error fails it. While it has a write of which nobody knows whether it was
    done, a run neither ends nor fails, but stops.
    """
    started = RunStarted(command=command, options=options or {}, software=software_version())
    resumable = kind_of(command).resumable
    first = (started, *given)
    with _running(ledger, uuid7(), first, holds, blobs=blobs, resumable=resumable) as run:
        yield run


@contextmanager
def resumed_run(ledger: Ledger, run_id: UUID, *, holds: tuple[str, ...] = ()) -> Iterator[Run]:
    """A run that stopped, going on under the same id; ends like ``new_run``.

    Raises ``UsageRefused`` where it has ended by now, however that came.
    """
    resumed = RunResumed(software=software_version())
    with _running(ledger, run_id, (resumed,), holds, resumable=True) as run:
        yield run


@contextmanager
def _running(
    ledger: Ledger,
    run_id: UUID,
    first: Sequence[Event],
    holds: tuple[str, ...],
    *,
    resumable: bool,
    blobs: Sequence[bytes] = (),
) -> Iterator[Run]:
    with (
        structlog.contextvars.bound_contextvars(run_id=str(run_id)),
        holding(ledger.database, run_id, holds) as hold,
        waiting_interrupts(resumable=resumable) as stop,
    ):
        run = Run(evolve(ledger, guard=hold.check), run_id, stop, resumable)
        # Under its lock: until here another process may have resumed it, or rolled it back.
        with ledger.database.driver_transaction() as connection:
            check_unended(connection, run_id)
            require_bridge_columns(connection)
        run.append(*first, blobs=blobs)
        structlog.get_logger().info(_BEGINNINGS[type(first[0])], holds=holds)
        with _ending(run):
            _take_up_shape(run)
            yield run


def _take_up_shape(run: Run) -> None:
    """Records in the run that the web application has migrated its tables since the last one."""
    with run.ledger.database.transaction() as connection:
        append = partial(run.ledger.append_in, connection, run_id=run.run_id)
        if (change := take_up_shape(connection, append)) is not None:
            log = structlog.get_logger()
            log.info("tutorial tables changed", shape=change.shape, former=change.former)


@contextmanager
def _ending(run: Run) -> Iterator[None]:
    try:
        yield
        if open_writes := count_open_writes(run.ledger.database, run.run_id):
            raise StoppedResumably(f"nobody knows whether {open_writes} of its writes were done")
        _complete(run)
    except (KeyboardInterrupt, Exception) as problem:
        reason = _kept_of(problem)
        if not run.resumable:
            _end_at_once(run, problem, reason)
            raise
        if not (isinstance(problem, _PASSING) or _is_in_doubt(run)):
            _say_last(run, RunFailed(reason=reason))
            raise
        _say_last(run, RunInterrupted(step=run.step, reason=reason))
        advice = f"go on with: admsync resume {run.run_id}"
        raise StoppedResumably(f"stopped at {run.step}: {reason}; {advice}") from problem
    log = structlog.get_logger()
    log.info("run completed", counts=run.counts, **noted_head(run.ledger.database))


def _end_at_once(run: Run, problem: BaseException, reason: str) -> None:
    """Ends a run that is not resumed: done, or, where nothing was done, failed.

    Raises ``AdmsyncError`` where the problem may pass.
    """
    whole: bool | None = None
    with suppress(AdmsyncError), run.ledger.database.driver_transaction() as connection:
        whole = did_its_work(connection, states_of(connection, [run.run_id])[run.run_id])
    if whole:
        _say_last(run, RunCompleted(counts=run.counts, refused=run.refused))
    elif whole is not None:
        _say_last(run, RunFailed(reason=reason))
    if isinstance(problem, _PASSING):
        raise AdmsyncError(f"{reason}; {_WHAT_WAS_DONE[whole].format(run.run_id)}") from problem


def _complete(run: Run) -> None:
    """Ends a run that did its work."""
    _end_with_superseded(run, RunCompleted(counts=run.counts, refused=run.refused))


def _end_with_superseded(run: Run, last: RunCompleted | RunInterrupted) -> None:
    """Ends a run, or leaves it where it stopped, and ends the stopped runs before it whose work it
    has done, or does once it goes on: nights that fail do not pile up."""

    def endings(connection: psycopg.Connection[Any]) -> list[Entry]:
        reason = f"superseded by run {run.run_id}"
        superseded = superseded_by(connection, run.run_id)
        ended = [RunSetAside(set_aside=str(one.run_id), reason=reason) for one in superseded]
        return [Entry(event) for event in (*ended, last)]

    run.ledger.append_decided(endings, run_id=run.run_id)


def _say_last(run: Run, event: RunFailed | RunInterrupted | RunCompleted) -> None:
    """Records how a run ended that met a problem. Where this fails too, the run is recognised by
    its released lock, and the person sees the first problem."""
    log = structlog.get_logger()
    told, say = "run stopped", log.warning
    if isinstance(event, RunFailed):
        told, say = "run failed", log.error
    reason = "done before" if isinstance(event, RunCompleted) else event.reason
    with suppress(AdmsyncError):
        if isinstance(event, RunInterrupted):
            _end_with_superseded(run, event)
        else:
            run.append(event)
        say(told, step=run.step, reason=reason, **noted_head(run.ledger.database))


def _kept_of(problem: BaseException) -> str:
    """The text of a problem for the ledger: a text that is no message for people may hold anything,
    a person's name included."""
    if isinstance(problem, AdmsyncError):
        return str(problem)
    return "interrupted" if isinstance(problem, KeyboardInterrupt) else type(problem).__name__


def _is_in_doubt(run: Run) -> bool:
    """Whether writes with unknown outcome remain, which only the resumed run can resolve."""
    with suppress(AdmsyncError):
        return count_open_writes(run.ledger.database, run.run_id) > 0
    return False


def software_version() -> str:
    """The program's version, as recorded in RunStarted."""
    return metadata.version("admsync")
