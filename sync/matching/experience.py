"""What people decided about pairs with the same kinds of difference: shown, and never applied."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from sync.matching.decisions import Decision
from sync.matching.evidence import kinds_of
from sync.matching.forms import Forms
from sync.matching.keys import Record, Side
from sync.matching.match import Matching
from sync.matching.normalise import is_blank


@frozen
class Decided:
    """How many pairs people accepted and rejected."""

    accepted: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """Both."""
        return self.accepted + self.rejected


def experience(matching: Matching, forms: Forms) -> Mapping[tuple[str, ...], Decided]:
    """The decisions that apply, by the kinds of difference of the fields they were made on."""
    found: dict[tuple[str, ...], Decided] = {}
    for name, decisions in (
        ("accepted", matching.effect.accepted.values()),
        ("rejected", matching.effect.rejected.values()),
    ):
        for decision in decisions:
            pair = _as_decided(matching, decision)
            if pair is not None:
                kinds = kinds_of(matching.rule, forms, *pair)
                known = found.get(kinds, Decided())
                found[kinds] = evolve(known, **{name: getattr(known, name) + 1})
    return found


def _as_decided(matching: Matching, decision: Decision) -> tuple[Record, Record] | None:
    """The two records with the fields they had then; None where these are not known any more."""
    keys = {Side.ADMINISTRATE: decision.administrate_key, Side.TUTORIAL: decision.tutorial_key}
    pair = decision.pair
    if pair is None or any(
        len(key) != len(matching.rule.fields) or all(map(is_blank, key)) for key in keys.values()
    ):
        return None
    found = []
    for side, key in keys.items():
        live = matching.records[side].by_id.get(pair.on(side))
        if live is None and matching.rule.scoped:
            return None
        found.append(Record(pair.on(side), key, live.scope if live else None))
    return found[0], found[1]
