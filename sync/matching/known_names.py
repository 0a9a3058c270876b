"""The known name that somebody who typed another probably meant."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from sync.matching.forms import shipped
from sync.matching.keys import Rule
from sync.matching.prepared import Prepared
from sync.matching.similarity import similarity

NEAR = 6_500
"""Least likeness, in ten-thousandths, at which a known name is offered."""


@frozen
class KnownNames:
    """Names of one kind, to be compared as its records are."""

    rule: Rule
    names: tuple[tuple[str, Prepared], ...]

    @classmethod
    def of(cls, rule: Rule, names: Iterable[str]) -> KnownNames:
        """The names, each once."""
        known = sorted(set(names))
        return cls(rule, tuple((name, Prepared.of(rule, (name,), shipped())) for name in known))

    def nearest(self, typed: str) -> str | None:
        """The one nearest name; None where none is near, or several as near."""
        forms = shipped()
        vocabulary = forms.people if self.rule.person else forms.places
        mine = Prepared.of(self.rule, (typed,), forms)
        scored = [
            (score, name)
            for name, theirs in self.names
            if (score := similarity(self.rule, vocabulary, mine, theirs, NEAR)) >= NEAR
        ]
        best = max((score for score, _ in scored), default=0)
        found = [name for score, name in scored if score == best]
        return found[0] if len(found) == 1 else None
