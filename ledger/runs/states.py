"""The states of runs: current state, look-up by id, unfinished runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from attrs import evolve, frozen

from ledger.database.connection import Database
from ledger.errors import UsageRefused
from ledger.events import Event
from ledger.events.runs import ENDED
from ledger.runs.kinds import RunKind, kind_of
from ledger.runs.locks import unheld_runs

_STATES: LiteralString = """
    SELECT r.run_id, r.command, r.options, r.software, r.actor, r.state, r.reason, r.counts,
        r.refused, r.started_at, r.ended_at, r.first_position,
        (SELECT count(*) FROM ledger.open_writes w WHERE w.run_id = r.run_id)
    FROM ledger.runs r WHERE {} ORDER BY r.first_position DESC LIMIT %(limit)s
"""
_OF_IDS: LiteralString = "r.run_id = ANY(%(ids)s)"
_NAMED: LiteralString = (
    "starts_with(r.run_id::text, %(wanted)s)"
    " OR right(r.run_id::text, length(%(wanted)s)) = %(wanted)s"
)


@frozen
class RunState:
    """The current state of a run. ``state`` is running, stopped or one of ``ENDED``."""

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
        """The name of the file an import is of."""
        given = self.options.get("path")
        return None if given is None else Path(str(given)).name


def short_id(run_id: UUID) -> str:
    """The end of a run's id, which is unique; the beginnings are similar."""
    return str(run_id)[-12:]


def run_states(database: Database, *, limit: int | None = None) -> list[RunState]:
    """The runs, newest first. A killed one shows as stopped: its lock is free."""
    with database.driver_transaction() as connection:
        return states_in(connection, limit=limit)


def states_in(
    connection: psycopg.Connection[Any],
    where: LiteralString = "true",
    values: Mapping[str, object] | None = None,
    *,
    limit: int | None = None,
) -> list[RunState]:
    """The states of the runs ``r`` for which a condition in SQL holds, newest first."""
    states = _recorded(connection, where, {**(values or {}), "limit": limit})
    running = [state.run_id for state in states if state.state == "running"]
    dead = unheld_runs(connection, running) if running else set()
    if dead:
        # One that ended well since it was read has let go of its lock, too, but not without a word.
        again = _recorded(connection, _OF_IDS, {"ids": list(dead), "limit": None})
        since = {state.run_id: state for state in again}
        states = [_unless_killed(since.get(state.run_id, state), dead) for state in states]
    return [_whole_or_not_at_all(connection, state) for state in states]


def states_of(
    connection: psycopg.Connection[Any], run_ids: Collection[UUID]
) -> dict[UUID, RunState]:
    """The states of the runs of these ids, by id."""
    found = states_in(connection, _OF_IDS, {"ids": list(run_ids)})
    return {state.run_id: state for state in found}


def _recorded(
    connection: psycopg.Connection[Any], where: LiteralString, values: Mapping[str, object]
) -> list[RunState]:
    """The states in the ledger, in which a killed run is running for ever."""
    return [RunState(*row) for row in connection.execute(_STATES.format(where), values).fetchall()]


def _unless_killed(state: RunState, dead: Collection[UUID]) -> RunState:
    if state.state != "running" or state.run_id not in dead:
        return state
    return evolve(state, state="stopped", reason="its process ended without a word")


def _whole_or_not_at_all(connection: psycopg.Connection[Any], state: RunState) -> RunState:
    """The state; where the run stopped, and is of a kind that is not resumed, its end."""
    if state.state != "stopped" or not state.kind.work:
        return state
    if did_its_work(connection, state):
        return evolve(state, state="done", reason="")
    return evolve(state, state="failed", reason=f"{state.reason}; nothing was done")


def did_its_work(connection: psycopg.Connection[Any], state: RunState) -> bool:
    """Whether a run of a kind that is done whole or not at all was done."""
    return _has_any(connection, state, state.kind.work)


def _has_any(
    connection: psycopg.Connection[Any], state: RunState, types: Collection[type[Event]]
) -> bool:
    """Whether the run appended an event of one of these types."""
    found = connection.execute(
        "SELECT FROM ledger.events WHERE run_id = %s AND type = ANY(%s) LIMIT 1",
        (state.run_id, [kind.__name__ for kind in types]),
    )
    return found.rowcount > 0


def unfinished_runs(connection: psycopg.Connection[Any]) -> list[RunState]:
    """The resumable runs, newest first."""
    found = states_in(connection, "r.state <> ALL(%(ended)s)", {"ended": list(ENDED)})
    return [state for state in found if state.state == "stopped" and state.kind.resumable]


def superseded_by(connection: psycopg.Connection[Any], run_id: UUID) -> list[RunState]:
    """The stopped runs, begun before it, all of whose work was done by a run that is about to end.

    One begun since may follow a step that the run took before; one with a write of unknown outcome
    is not among them either: only resuming it can tell.
    """
    ending = states_of(connection, [run_id])[run_id]
    if not ending.kind.supersedes:
        return []
    return [
        state
        for state in unfinished_runs(connection)
        if state.kind is ending.kind
        and state.first_position < ending.first_position
        and not state.open_writes
        and ending.kind.does_all_of(ending.options, state.options)
        and not _has_any(connection, state, state.kind.agreements)
    ]


def count_open_writes(database: Database, run_id: UUID) -> int:
    """The number of a run's writes with unknown outcome."""
    with database.driver_transaction() as connection:
        counted = connection.execute(
            "SELECT count(*) FROM ledger.open_writes WHERE run_id = %s", (run_id,)
        )
        return int(counted.fetchall()[0][0])


def find_run(database: Database, text: str) -> RunState:
    """The run of that id, or the only one whose id begins or ends so, or the ``last`` one.

    Raises ``UsageRefused`` where there is none, or more than one.
    """
    wanted = text.lower().removeprefix("run/")
    with database.driver_transaction() as connection:
        if text == "last":
            found = states_in(connection, limit=1)
        else:
            found = states_in(connection, _NAMED, {"wanted": wanted}, limit=2) if wanted else []
    if len(found) == 1:
        return found[0]
    if not found and not run_states(database, limit=1):
        raise UsageRefused(f"no run of id {text!r}: nothing has run yet")
    several = "several runs" if found else "no run"
    raise UsageRefused(f"{several} of id {text!r}; admsync runs lists them")


def check_unended(connection: psycopg.Connection[Any], run_id: UUID, what: str = "goes on") -> None:
    """Raises ``UsageRefused`` where the run has ended: only one that stopped goes on."""
    found = connection.execute("SELECT state FROM ledger.runs WHERE run_id = %s", (run_id,))
    state = next((state for (state,) in found.fetchall()), None)
    if state in ENDED:
        raise UsageRefused(f"run {run_id} is {state}; only one that stopped {what}")


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
    with database.driver_transaction() as connection:
        stopped = unfinished_runs(connection)
    if not stopped:
        raise UsageRefused("no run has stopped; there is nothing to go on with")
    return stopped[0]
