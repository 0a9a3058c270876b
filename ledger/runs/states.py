"""The states of runs: current state, look-up by id, unfinished runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from attrs import evolve, frozen
from sqlalchemy import Connection, Select, Text, cast, func, select

from ledger.database.connection import Database, driver
from ledger.errors import UsageRefused
from ledger.runs.kinds import RunKind, kind_of
from ledger.runs.locks import unheld_runs
from ledger.tables import column_names
from ledger.tables.open_writes import OPEN_WRITES
from ledger.tables.runs import ENDED, RUNS


@frozen
class RunState:
    """The current state of a run. ``state`` is running, done, stopped, failed or undone."""

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
    # Writes with unknown outcome.
    open_writes: int = 0

    @property
    def kind(self) -> RunKind:
        """What runs of its command have in common."""
        return kind_of(self.command)

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
    """The runs, newest first. A killed one shows as stopped: its lock is free."""
    with database.transaction() as connection:
        return states_in(connection, RUNS.select().limit(limit))


def states_in(connection: Connection, chosen: Select[Any]) -> list[RunState]:
    """The states of the runs selected by a query of ``RUNS``, newest first."""
    states = _recorded(connection, chosen)
    running = [state.run_id for state in states if state.state == "running"]
    dead = unheld_runs(driver(connection), running) if running else []
    if not dead:
        return states
    # One that ended well since it was read has let go of its lock, too, but not without a word.
    suspects = RUNS.select().where(RUNS.c.run_id.in_(dead))
    again = {state.run_id: state for state in _recorded(connection, suspects)}
    return [_unless_killed(again.get(state.run_id, state), dead) for state in states]


def states_of(connection: Connection, run_ids: Collection[UUID]) -> dict[UUID, RunState]:
    """The states of the runs of these ids, by id."""
    found = states_in(connection, RUNS.select().where(RUNS.c.run_id.in_(run_ids)))
    return {state.run_id: state for state in found}


def _recorded(connection: Connection, chosen: Select[Any]) -> list[RunState]:
    """The states in the ledger, in which a killed run is running for ever."""
    names = (*column_names(RUNS), "open_writes")
    unknown = select(func.count()).where(OPEN_WRITES.c.run_id == RUNS.c.run_id).scalar_subquery()
    query = chosen.add_columns(unknown).order_by(RUNS.c.first_position.desc())
    return [RunState(**dict(zip(names, row, strict=True))) for row in connection.execute(query)]


def _unless_killed(state: RunState, dead: Collection[UUID]) -> RunState:
    if state.state != "running" or state.run_id not in dead:
        return state
    return evolve(state, state="stopped", reason="its process ended without a word")


def unfinished_runs(connection: Connection) -> list[RunState]:
    """The resumable runs, newest first."""
    found = states_in(connection, RUNS.select().where(RUNS.c.state.not_in(ENDED)))
    return [state for state in found if state.state == "stopped" and state.kind.resumable]


def count_open_writes(database: Database, run_id: UUID) -> int:
    """The number of a run's writes with unknown outcome."""
    query = select(func.count()).where(OPEN_WRITES.c.run_id == run_id)
    with database.transaction() as connection:
        return connection.execute(query).scalar_one()


def find_run(database: Database, text: str) -> RunState:
    """The run of that id, or the only one whose id begins or ends so, or the ``last`` one.

    Raises ``UsageRefused`` where there is none, or more than one.
    """
    wanted, run_id = text.lower().removeprefix("run/"), cast(RUNS.c.run_id, Text)
    if text == "last":
        meant = RUNS.select().limit(1)
    else:
        begins, ends = (at(wanted, autoescape=True) for at in (run_id.startswith, run_id.endswith))
        meant = RUNS.select().where(begins | ends).limit(2)
    with database.transaction() as connection:
        found = states_in(connection, meant) if wanted else []
    if len(found) == 1:
        return found[0]
    if not found and not run_states(database, limit=1):
        raise UsageRefused(f"no run of id {text!r}: nothing has run yet")
    several = "several runs" if found else "no run"
    raise UsageRefused(f"{several} of id {text!r}; admsync runs lists them")


def check_unended(database: Database, run_id: UUID) -> None:
    """Raises ``UsageRefused`` where the run has ended: only one that stopped goes on."""
    with database.transaction() as connection:
        state = connection.scalar(select(RUNS.c.state).where(RUNS.c.run_id == run_id))
    if state in ENDED:
        raise UsageRefused(f"run {run_id} is {state}; only one that stopped goes on")


def run_to_resume(database: Database, text: str | None) -> RunState:
    """The given run, or the newest stopped one. Raises ``UsageRefused`` where none can be
    resumed."""
    if text is not None:
        state = find_run(database, text)
        if state.state != "stopped":
            raise UsageRefused(
                f"run {state.run_id} is {state.state}; only one that stopped goes on"
            )
        return state
    with database.transaction() as connection:
        stopped = unfinished_runs(connection)
    if not stopped:
        raise UsageRefused("no run has stopped; there is nothing to go on with")
    return stopped[0]
