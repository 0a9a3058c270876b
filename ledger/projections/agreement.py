"""Projects what both sides of linked records agreed on: ``ledger.field_bases``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from attrs import asdict

from ledger.events import (
    FieldDecided,
    FieldsAgreed,
    FieldsDiffer,
    MatchDecided,
    RecordGone,
    RecordVanished,
)
from ledger.events.agreement import Pair
from ledger.events.recorded import Recorded
from ledger.projections.projector import Projector, Step
from ledger.schema.column_values import Row, column_value
from ledger.schema.ledger import FIELD_BASES


def _agreed(recorded: Recorded) -> Iterable[Step]:
    event = cast("FieldsAgreed", recorded.event)
    settled = {*event.pairs, *event.forgotten}

    def agree(row: Row | None) -> Row:
        base = _base(row, recorded, event)
        pairs = {name: _pair(pair) for name, pair in event.pairs.items()}
        return {
            **base,
            "pairs": {**_without(base["pairs"], settled), **pairs},
            "taken_back": {**_without(base["taken_back"], settled), **event.taken_back},
            "decided": _without(base["decided"], settled),
            "listed": _without(base["listed"], settled),
        }

    return [Step(FIELD_BASES, event.record(), agree)]


def _differ(recorded: Recorded) -> Iterable[Step]:
    event = cast("FieldsDiffer", recorded.event)

    def differ(row: Row | None) -> Row:
        base = _base(row, recorded, event)
        listed = dict(base["listed"])
        for name, one in event.fields.items():
            first = listed.get(name) or {
                "since": recorded.recorded_at.isoformat(),
                "run": str(recorded.run_id) if recorded.run_id else None,
            }
            listed[name] = {
                "kind": one.kind,
                "base": None if one.base is None else _pair(one.base),
                "administrate": column_value(one.administrate),
                "tutorial": column_value(one.tutorial),
                # Out of step already, in another way: it has been since then.
                "since": first["since"],
                "run": first["run"],
                "position": recorded.position,
            }
        return {**base, "listed": listed}

    return [Step(FIELD_BASES, event.record(), differ)]


def _decided(recorded: Recorded) -> Iterable[Step]:
    event = cast("FieldDecided", recorded.event)

    def decide(row: Row | None) -> Row:
        base = _base(row, recorded, event)
        decision = {"side": event.side, **_pair(event.values)}
        return {**base, "decided": {**base["decided"], event.name: decision}}

    return [Step(FIELD_BASES, event.record(), decide)]


def _linked(recorded: Recorded) -> Iterable[Step]:
    event = cast("MatchDecided", recorded.event)
    # A link newly made has no base.
    return [] if event.linked == event.before else [_forgotten(event.record())]


def _vanished(recorded: Recorded) -> Iterable[Step]:
    return [_forgotten(cast("RecordVanished | RecordGone", recorded.event).record())]


def _forgotten(record: str) -> Step:
    return Step(FIELD_BASES, record, lambda _row: None)


def _base(
    row: Row | None, recorded: Recorded, event: FieldsAgreed | FieldsDiffer | FieldDecided
) -> Row:
    empty: Row = {name: {} for name in ("pairs", "taken_back", "decided", "listed")}
    if row is not None and row["tutorial"] != event.tutorial:
        row = None  # of another link
    return {
        **(row or empty),
        "record": event.record(),
        "tutorial": event.tutorial,
        "position": recorded.position,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {name: column_value(value) for name, value in asdict(pair, recurse=False).items()}


def _without(held: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name not in names}


AGREEMENT = Projector(
    name="agreement",
    tables=(FIELD_BASES,),
    handles={
        FieldsAgreed: _agreed,
        FieldsDiffer: _differ,
        FieldDecided: _decided,
        MatchDecided: _linked,
        RecordGone: _vanished,
        RecordVanished: _vanished,
    },
)
