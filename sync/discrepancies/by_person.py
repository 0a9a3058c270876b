"""People's decisions about pairs and records: recorded, and applied to the links at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from attrs import frozen
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import UsageRefused
from ledger.events import DecisionTaken, DecisionWithdrawn, MatchDecided, MatchesReaffirmed
from ledger.history.find_record import find_record
from ledger.runs.kinds import DECISION
from ledger.runs.run import Run, new_run
from ledger.store.append import lock
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.values import Fields, Personal
from sync.decide.current_state import CurrentState
from sync.decide.links import LiveRow, decide, linking_events
from sync.decide.other_writers import hold_rows, take_up
from sync.decide.taken import today
from sync.discrepancies.current import MATCHED, current_rows_of
from sync.discrepancies.decisions import newest_decision
from sync.entity import Entity

# The word for a decision taken back, beside those of the decisions.
WITHDRAW = "withdraw"


@frozen
class Pair:
    """The records of a decision; one is absent for an ignored record."""

    entity: Entity
    administrate: str | None
    tutorial: str | None

    @property
    def records(self) -> list[str]:
        return [record for record in (self.administrate, self.tutorial) if record is not None]


@frozen
class NewDecision:
    """A decision to record about a pair or about one record, with its reason.

    ``until`` is the day on which an ignored record is asked about again; None: never.
    """

    pair: Pair
    decision: str
    reason: str
    until: date | None = None


def pair_of(connection: psycopg.Connection[Any], typed: tuple[str, ...]) -> Pair:
    """The pair, or the one record, for a person's input. Raises ``UsageRefused`` where the two do
    not belong to one entity and to opposite sides."""
    records = [find_record(connection, one).record for one in typed]
    for entity in MATCHED:
        bridge = [one for one in records if one.startswith(f"{entity.table.fullname}/")]
        tutorial = [one for one in records if one.startswith(f"{entity.matched.table}/")]
        if len(bridge) + len(tutorial) == len(records) and len(bridge) < 2 and len(tutorial) < 2:
            return Pair(entity, next(iter(bridge), None), next(iter(tutorial), None))
    raise UsageRefused(
        f"{' and '.join(records)} are not one record of Administrate's and one of the tutorial"
        " tables of the same kind; name them as in adm.venues/VmVudWU6Nw== acted.tutorial_venues/5"
    )


def record_decision(
    ledger: Ledger,
    decision: str,
    typed: tuple[str, ...],
    reason: str,
    until: date | None = None,
) -> tuple[list[str], list[str]]:
    """Records a decision about a person's input, in a run of its own, and applies it to the links;
    returns the records and the changed links. Raises what ``pair_of`` raises, and ``UsageRefused``
    where the day ``until`` has come."""
    _require_to_come(until)
    with ledger.database.driver_transaction() as connection:
        pair = pair_of(connection, typed)
    return pair.records, record_new(ledger, NewDecision(pair, decision, reason, until))


def _require_to_come(until: date | None) -> None:
    if until is not None and until <= today():
        raise UsageRefused(f"{until} is not to come; a record is ignored until a later day")


def record_new(ledger: Ledger, new: NewDecision) -> list[str]:
    """Records a decision in a run of its own, and applies it to the links; returns those that
    changed."""
    with _decision_run(ledger, new.decision, new.pair) as run:
        return take(run, new)


@frozen
class DecidedTogether:
    """The run that recorded decisions, and the links that changed by them."""

    run_id: UUID
    changed: list[str]


def record_together(
    ledger: Ledger,
    decision: str,
    typed: Sequence[tuple[str, ...]],
    reason: str,
    until: date | None = None,
) -> DecidedTogether:
    """Records the same decision about several inputs of a person, all or none, in a run of its own,
    and applies it to the links. Raises what ``record_decision`` raises."""
    _require_to_come(until)
    with ledger.database.driver_transaction() as connection:
        new = [NewDecision(pair_of(connection, one), decision, reason, until) for one in typed]
    holds = DECISION.holds({"entities": sorted({one.pair.entity.name for one in new})})
    options: Fields = {"records": [record for one in new for record in one.pair.records]}
    with (
        new_run(ledger, DECISION.command(decision), options, holds=holds) as run,
        run.ledger.database.transaction() as connection,
    ):
        lock(driver(connection))
        changed = apply_decisions(run, connection, new)
    return DecidedTogether(run.run_id, changed)


def record_withdrawal(
    ledger: Ledger, typed: tuple[str, ...], reason: str
) -> tuple[list[str], list[str]]:
    """Withdraws the newest decision about a person's input, as ``record_decision`` records one."""
    with ledger.database.driver_transaction() as connection:
        pair = pair_of(connection, typed)
        # Before the run: a typing error is no failed run.
        newest_decision(connection, pair.records)
    with _decision_run(ledger, WITHDRAW, pair) as run:
        return pair.records, withdraw(run, pair, reason)


def _decision_run(ledger: Ledger, decision: str, pair: Pair) -> AbstractContextManager[Run]:
    holds = DECISION.holds({"entities": [pair.entity.name]})
    return new_run(ledger, DECISION.command(decision), {"records": pair.records}, holds=holds)


def take(run: Run, new: NewDecision) -> list[str]:
    """Records a decision and applies it to the entity's links; returns the changed links."""
    with run.ledger.database.transaction() as connection:
        lock(driver(connection))
        return apply_decisions(run, connection, [new])


def apply_decisions(
    run: Run, connection: Connection, decisions: Sequence[NewDecision]
) -> list[str]:
    """Records decisions and applies them, each entity's once, in a transaction with the append
    lock; returns the changed links."""
    by_entity: dict[str, list[NewDecision]] = {}
    for decision in decisions:
        by_entity.setdefault(decision.pair.entity.name, []).append(decision)
    changed = []
    for mine in by_entity.values():
        entity = mine[0].pair.entity
        hold_rows(connection, entity)
        take_up(run, connection, entity)
        found = current_rows_of(driver(connection), entity)
        taken = [Entry(_taken(decision, *found)) for decision in mine]
        run.ledger.append_in(connection, taken, run_id=run.run_id)
        changed += _decide_again(run, connection, entity)
    return changed


def _taken(decision: NewDecision, current: CurrentState, live: list[LiveRow]) -> DecisionTaken:
    subject, *rest = decision.pair.records
    return DecisionTaken(
        decision=decision.decision,
        table=decision.pair.entity.table.fullname,
        subject=subject,
        object=next(iter(rest), None),
        reason=decision.reason,
        fields=_fields(decision.pair, current, live),
        until=decision.until,
    )


def withdraw(run: Run, pair: Pair, reason: str) -> list[str]:
    """Withdraws the newest decision about the pair; the one before it applies again."""
    with run.ledger.database.transaction() as connection:
        lock(driver(connection))
        hold_rows(connection, pair.entity)
        take_up(run, connection, pair.entity)
        taken = newest_decision(driver(connection), pair.records)
        subject, *rest = pair.records
        event = DecisionWithdrawn(
            taken=taken, subject=subject, object=next(iter(rest), None), reason=reason
        )
        run.ledger.append_in(connection, [Entry(event, taken)], run_id=run.run_id)
        return _decide_again(run, connection, pair.entity)


def _decide_again(run: Run, connection: Connection, entity: Entity) -> list[str]:
    current, live = current_rows_of(driver(connection), entity)
    matching = decide(entity, live, current)
    assert matching is not None  # noqa: S101 - of those matched
    # Only the changed decisions; reaffirming all others would add nothing.
    events = [
        entry
        for entry in linking_events(entity, live, current, matching)
        if not isinstance(entry.event, MatchesReaffirmed)
    ]
    if events:
        run.ledger.append_in(connection, events, run_id=run.run_id)
    return [
        f"{event.record()}: {event.before or 'not linked'} → {event.linked or 'not linked'}"
        for event in (entry.event for entry in events)
        if isinstance(event, MatchDecided) and event.before != event.linked
    ]


def _fields(pair: Pair, current: CurrentState, live: list[LiveRow]) -> Fields:
    """The records' fields at the time of the decision: a rejection is bound to them."""
    person = pair.entity.matched.rule.person
    keys: dict[str, tuple[str, ...]] = {}
    for one in live:
        if pair.administrate == f"{pair.entity.table.fullname}/{one.row.key}":
            keys["administrate_key"] = one.record.key
    for record in current.tutorial:
        if pair.tutorial == f"{pair.entity.matched.table}/{record.id}":
            keys["tutorial_key"] = record.key
    return {
        name: [Personal(text) if person else text for text in key] for name, key in keys.items()
    }
