"""The number of namesakes expected by chance among so many people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from sync.matching.keys import Compared, Record, Rule


@frozen
class Names:
    """How often each part of a name occurs on one side."""

    people: int
    parts: tuple[Counter[object], ...]

    @classmethod
    def of(cls, rule: Rule, alike: Mapping[Compared, list[Record]]) -> Names:
        """Counted over the people of the side that have a whole name."""
        parts: tuple[Counter[object], ...] = tuple(Counter() for _ in rule.fields)
        for compared, people in alike.items():
            for counter, part in zip(parts, compared, strict=False):
                counter[part] += len(people)
        return cls(sum(map(len, alike.values())), parts)

    def expected(self, compared: Compared) -> Fraction:
        """People times share of the first name times share of the last, the person left out of
        each: in a table of five, everybody alone would else be a fifth of a namesake."""
        others = self.people - 1
        if others < 1:
            return Fraction(0)
        expected = Fraction(others)
        for counter, part in zip(self.parts, compared, strict=False):
            expected *= Fraction(counter[part] - 1, others)
        return expected


def expected_namesakes(sides: Sequence[Names], compared: Compared) -> int | None:
    """Expected namesakes of a person on the side with more, in ten-thousandths; ``None`` where
    there are no names, under a rule that is not about people."""
    if not sides:
        return None
    return int(max(side.expected(compared) for side in sides) * 10_000)
