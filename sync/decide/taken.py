"""Decisions of people as matching takes them, and on which day they lapse."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, cast

from ledger.events import DecisionTaken, tutorial_key
from sync.matching.decisions import Decision, Verdict


def decision_of(position: int, taken: DecisionTaken) -> Decision:
    """A person's decision about a pair or a record, as a value for matching."""
    bridge = f"{taken.table}/"
    named = [record for record in (taken.subject, taken.object) if record is not None]
    administrate = [one.removeprefix(bridge) for one in named if one.startswith(bridge)]
    tutorial = [tutorial_key(one) for one in named if not one.startswith(bridge)]
    return Decision(
        position,
        Verdict(taken.decision),
        next(iter(administrate), None),
        next(iter(tutorial), None),
        _key(taken.fields.get("administrate_key")),
        _key(taken.fields.get("tutorial_key")),
        lapsed=has_lapsed(taken),
    )


def has_lapsed(taken: DecisionTaken) -> bool:
    """Whether the day has come until which a record was to be ignored."""
    return taken.until is not None and taken.until <= today()


def today() -> date:
    """The day by which decisions lapse: the same wherever the program runs."""
    return datetime.now(UTC).date()


def _key(value: object) -> tuple[str, ...]:
    parts = cast("list[Any]", value or [])
    return tuple(str(getattr(part, "value", part) or "") for part in parts)
