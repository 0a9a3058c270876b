"""Decisions of people that hold: those that are neither withdrawn nor overruled."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from typing import Any, cast

import psycopg
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import UsageRefused
from ledger.events import DecisionTaken, DecisionWithdrawn
from ledger.events.recorded import Recorded
from ledger.output.words import local_time
from ledger.store.read import Selection, read_recorded
from sync.decide.taken import decision_of, has_lapsed
from sync.discrepancies.current import MATCHED
from sync.matching.decisions import Decisions

_NAMED = 3


def decisions_that_hold(connection: Connection) -> list[Recorded]:
    """People's decisions about pairs and records that are neither withdrawn nor overruled by later
    ones, oldest first."""
    taken = _not_withdrawn(driver(connection))
    holding: dict[tuple[str, frozenset[str]], Recorded] = {}
    for entity in MATCHED:
        mine = {at: one for at, one in taken.items() if _table_of(one) == entity.table.fullname}
        decisions = Decisions.of(
            *(decision_of(at, cast("DecisionTaken", one.event)) for at, one in mine.items())
        )
        overruled = {one.reference for one in decisions.effect.overruled}
        for at, one in mine.items():
            event = cast("DecisionTaken", one.event)
            verdict = "ignore" if event.decision == "ignore" else "pair"
            if at not in overruled:
                holding.pop(about := (verdict, _records_of(event)), None)
                if not has_lapsed(event):
                    holding[about] = one
    return sorted(holding.values(), key=lambda one: one.position)


def _table_of(recorded: Recorded) -> str:
    return cast("DecisionTaken", recorded.event).table


def newest_decision(connection: psycopg.Connection[Any], records: Collection[str]) -> int:
    """The position of the newest decision about these records, a pair or one, that is not
    withdrawn. Raises ``UsageRefused`` where there is none."""
    standing = _not_withdrawn(connection, records)
    mine = [
        position
        for position, recorded in standing.items()
        if _records_of(cast("DecisionTaken", recorded.event)) == set(records)
    ]
    if not mine:
        raise UsageRefused(
            f"there is no decision about {' and '.join(records)}{_others_about(standing.values())}"
        )
    return max(mine)


def _others_about(standing: Collection[Recorded]) -> str:
    """The newest decisions that stand, each with the command that takes it back."""
    if not standing:
        return ""
    told = []
    for recorded in list(standing)[-_NAMED:]:
        taken = cast("DecisionTaken", recorded.event)
        records = [one for one in (taken.subject, taken.object) if one]
        told.append(
            f"{taken.decision} {' and '.join(records)} ({local_time(recorded.recorded_at)}):"
            f" {shlex.join(['admsync', 'discrepancies', 'withdraw', *records, '--reason'])}"
        )
    more = f" and {len(standing) - _NAMED} more" if len(standing) > _NAMED else ""
    return f"; what stands{more}: {'; '.join(told)}"


def _not_withdrawn(
    connection: psycopg.Connection[Any], about: Collection[str] | None = None
) -> dict[int, Recorded]:
    """People's decisions that are not withdrawn, by position."""
    found: dict[int, Recorded] = {}
    types = [DecisionTaken.__name__, DecisionWithdrawn.__name__]
    for recorded in read_recorded(connection, Selection(subjects=about, types=types)):
        match recorded.event:
            case DecisionWithdrawn(taken=position):
                found.pop(position, None)
            case DecisionTaken():
                found[recorded.position] = recorded
    return found


def _records_of(taken: DecisionTaken) -> frozenset[str]:
    return frozenset(name for name in (taken.subject, taken.object) if name)
