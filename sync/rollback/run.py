"""Rolls a run back in both systems, event by event, through the writer of all other changes.

Steps done before an interruption show in the current state, so a resumed rollback plans again and
does the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from attrs import define, evolve, field
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.events import record_name
from ledger.rollback.breaks import referred_to_from_elsewhere
from ledger.rollback.changes import RowKey
from ledger.rollback.execute import (
    PlanOutdated,
    append_compensation,
    append_decisions_back,
    check_can_roll_back,
    check_can_roll_back_one_event,
    conclude,
)
from ledger.rollback.facts import lock_rows, references_to
from ledger.rollback.parts import KeptRow, RollbackPlan, RowRollback
from ledger.rollback.reading import prepare
from ledger.runs.kinds import ROLLBACK, Options
from ledger.runs.run import Run, new_run, resumed_run
from ledger.runs.states import RunState
from ledger.store.append import lock
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.values import Value
from ledger.zones import zone_or_default
from sync.administrate.client import Administrate
from sync.administrate.writes.changes import DELETE_EVENT
from sync.changes.back import EventBack, RecordBack
from sync.changes.requests import Labels, request_for
from sync.events.labels import read_labels
from sync.rollback.administrate_side import PlannedRollback, plan_rollback
from sync.writing.slots import not_done, open_requests
from sync.writing.writer import Writer

_GONE = "what it was for is gone: the import was rolled back"


@define
class Rollback:
    """A rollback in progress, of ``only`` one tutorial event where that is said. ``kept`` are rows
    that had to stay only since the plan was made; ``done`` of its ``events`` were gone through."""

    run: Run
    client: Administrate | None
    target: RunState
    reason: str
    only: RowKey | None = None
    kept: list[KeptRow] = field(factory=list)
    events: int = 0
    done: int = 0

    def carry_out(self, shown: RollbackPlan | None = None) -> RollbackPlan:
        """Rolls back the plan's rows, and marks the run as rolled back.

        Raises ``PlanOutdated`` where the plan differs by now from the one ``shown``, and the
        ``AdministrateError`` that stopped it; then it can be resumed.
        """
        self.run.step = "looking"
        ledger, target = self.run.ledger, self.target.run_id
        found = plan_rollback(ledger, self.client, target, self.only)
        with ledger.database.transaction() as connection:
            # The append lock is held from here on, so the plan stays valid.
            lock(driver(connection))
            facts = found.prepared.facts
            now = prepare(connection, target, self.only).holding(facts.held, facts.held_fields).plan
            if now != found.prepared.plan or shown not in (None, found.plan):
                raise PlanOutdated(
                    "the rows have changed since the plan was made, and nothing was rolled back;"
                    f" look again: admsync rollback {target} --dry-run"
                )
            alone, events = _by_event(found)
            if not found.events:
                append_decisions_back(self.run, connection, now)
                append_compensation(self.run, connection, found.prepared, alone)
        self.run.step = "events"
        if self.client is not None:
            writer = Writer.of(self.run, self.client)
            self.events = len(events)
            for event, rollbacks in events.items():
                self.run.stop.check()
                self._roll_back_event(writer, found, event, rollbacks)
                self.done += 1
            for back in found.events:
                self.run.stop.check()
                self._set_back(writer, found, back)
                self.done += 1
        plan = evolve(found.plan, kept=(*found.plan.kept, *self.kept))
        counts = {"kept": len(plan.kept), "impossible": len(plan.impossible)}
        conclude(self.run, self.target.run_id, self.reason, counts, self.only)
        return plan

    def _roll_back_event(
        self, writer: Writer, found: PlannedRollback, event: RowKey, rollbacks: list[RowRollback]
    ) -> None:
        """Rolls back one event, in Administrate first; then its rows, unless they are referenced by
        now."""
        with self.run.ledger.database.transaction() as connection:
            why = _referred_to(connection, rollbacks)
        if why:
            self._keep(rollbacks, why)
            return
        name = found.prepared.facts.names[event]
        for event_id in found.remote.get(event, ()):
            outcome = writer.write(
                DELETE_EVENT(event_id), about=name, slot=f"{name} delete {event_id}"
            )
            if not outcome.done:
                refusal = f"Administrate refuses to delete {event_id}: {outcome.said}"
                self._keep(rollbacks, refusal)
                return
        rows = frozenset(rollback.row for rollback in rollbacks)
        with self.run.ledger.database.transaction() as connection:
            lock(driver(connection))
            lock_rows(connection, rows)
            if why := _referred_to(connection, rollbacks):
                self._keep(rollbacks, f"{why}, since its event in Administrate was deleted")
                return
            records = {rollback.record for rollback in rollbacks}
            closed = self._closed_writes(connection, records, _GONE)
            if closed:
                self.run.ledger.append_in(connection, closed, run_id=self.run.run_id)
            append_compensation(self.run, connection, found.prepared, rows)

    def _set_back(self, writer: Writer, found: PlannedRollback, event: EventBack) -> None:
        """Sets again what a change had set of one event and of its sessions, in Administrate first;
        then here what follows from it."""
        zone, labels = zone_or_default(event.linked.timezone), self._labels()
        done: list[RecordBack] = []
        for one in event.records:
            record = one.planned.record()
            if one.to_set is not None:
                request = request_for(one.to_set, zone, labels)
                outcome = writer.write(request, about=record, slot=f"{record} set back")
                if not outcome.done:
                    self.kept.append(KeptRow(record, "Administrate", f"refused: {outcome.said}"))
                    if record == event.linked.record:
                        # Its sessions follow it.
                        break
                    continue
            done.append(one)
        rows = frozenset(row for one in done for row in one.rows)
        records = {one.planned.record() for one in done}
        with self.run.ledger.database.transaction() as connection:
            lock(driver(connection))
            lock_rows(connection, rows)
            closed = self._closed_writes(connection, records, "it was set as it was before")
            if closed:
                self.run.ledger.append_in(connection, closed, run_id=self.run.run_id)
            append_compensation(self.run, connection, found.prepared, rows, records)

    def _labels(self) -> Labels:
        with self.run.ledger.database.driver_transaction() as connection:
            return read_labels(connection)

    def _closed_writes(
        self, connection: Connection, records: Collection[str], said: str
    ) -> list[Entry]:
        """Closes the unanswered writes about records that the rollback deletes, or sets again."""
        return [
            not_done(request, "RolledBack", said)
            for request in open_requests(connection, [self.run.run_id, self.target.run_id])
            if request.event.record() in records
        ]

    def _keep(self, rollbacks: list[RowRollback], why: str) -> None:
        self.kept += [KeptRow(rollback.record, "the row", why) for rollback in rollbacks]


@contextmanager
def new_rollback(
    ledger: Ledger,
    client: Administrate | None,
    target: RunState,
    reason: str,
    only: RowKey | None = None,
) -> Iterator[Rollback]:
    """A new rollback, of ``only`` one tutorial event where that is said; it locks its run, and the
    run's own locks, against others."""
    (check_can_roll_back if only is None else check_can_roll_back_one_event)(target)
    options: dict[str, Value] = {"run": str(target.run_id), "reason": reason}
    if only is not None:
        options["only"] = record_name(*only)
    with new_run(ledger, ROLLBACK.name, options, holds=_holds(options, target)) as run:
        yield Rollback(run, client, target, reason, only)


@contextmanager
def resumed_rollback(
    ledger: Ledger, client: Administrate | None, state: RunState, target: RunState
) -> Iterator[Rollback]:
    """A stopped rollback, ready to do the rest."""
    with resumed_run(ledger, state.run_id, holds=_holds(state.options, target)) as run:
        yield Rollback(run, client, target, str(state.options["reason"]), _only(state.options))


def _only(options: Options) -> RowKey | None:
    """The one tutorial event of a rollback."""
    record = options.get("only")
    return None if record is None else RowKey.of(str(record))


def _referred_to(connection: Connection, rollbacks: list[RowRollback]) -> str:
    """The foreign keys to the rows that appeared since the plan was made."""
    references = references_to(connection, [rollback.row for rollback in rollbacks])
    rows = {rollback.row: rollback for rollback in rollbacks}
    return next((why for _, why in referred_to_from_elsewhere(rows, references)), "")


def _by_event(
    found: PlannedRollback,
) -> tuple[frozenset[RowKey], dict[RowKey, list[RowRollback]]]:
    """The rows that belong to no event, and the others by their event."""
    alone: set[RowKey] = set()
    events: dict[RowKey, list[RowRollback]] = defaultdict(list)
    for rollback in found.prepared.plan.rollbacks:
        event = found.prepared.facts.groups.get(rollback.row)
        if event is None:
            alone.add(rollback.row)
        else:
            events[event].append(rollback)
    return frozenset(alone), events


def _holds(options: Options, target: RunState) -> tuple[str, ...]:
    return (*ROLLBACK.holds(options), *target.kind.holds(target.options))
