"""Links adopted from another tool: evidence, not a person's decision.

An adopted link between unequal records is kept unless something speaks against it: an equal record
on the other side, of either of the two, or another adopted link of one of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from attrs import field, frozen

from sync.matching.keys import Id, Link, Side, order
from sync.matching.outcomes import Cause, Outcome


@frozen
class Adopted:
    """The fate of the adopted links without a person's decision.

    ``equal`` are for the rule to decide, ``staying`` are kept though the two are not equal.
    ``given_up`` are the others, by each of the two records, with the cause.
    """

    equal: frozenset[Link] = frozenset()
    staying: tuple[Link, ...] = ()
    given_up: Mapping[tuple[Side, Id], tuple[Cause, tuple[Link, ...]]] = field(factory=dict)

    @classmethod
    def of(
        cls,
        links: Iterable[Link],
        *,
        equal: Collection[Link],
        rivalled: Collection[Link],
        accepted: Collection[Link],
    ) -> Adopted:
        """The fate of each adopted link between live records that no person rejected.

        ``equal`` are those between equal records, ``rivalled`` those with an equal record to link
        instead, ``accepted`` those with a record that a person accepted for another.
        """
        given = sorted(
            set(links), key=lambda link: (order(link.administrate), order(link.tutorial))
        )
        uses = {side: Counter(link.on(side) for link in given) for side in Side}
        undecided = [link for link in given if link not in accepted]
        staying: list[Link] = []
        lost: dict[tuple[Side, Id], list[tuple[Cause, Link]]] = defaultdict(list)
        for link in undecided:
            if link in equal:
                continue
            if link in rivalled:
                cause = Cause.DISPLACED
            elif any(uses[side][link.on(side)] > 1 for side in Side):
                cause = Cause.CONTESTED
            else:
                staying.append(link)
                continue
            for side in Side:
                lost[side, link.on(side)].append((cause, link))
        return cls(
            frozenset(link for link in undecided if link in equal),
            tuple(staying),
            {
                named: (_weightier(cause for cause, _ in each), tuple(link for _, link in each))
                for named, each in lost.items()
            },
        )

    def outcome(self, side: Side, named: Id) -> Outcome | None:
        """The outcome of a record without partner that lost its adopted link."""
        if (side, named) not in self.given_up:
            return None
        cause, links = self.given_up[side, named]
        mine = tuple(dict.fromkeys(link.administrate for link in links))
        theirs = tuple(dict.fromkeys(link.tutorial for link in links))
        return Outcome(cause, mine, theirs)


def _weightier(causes: Iterable[Cause]) -> Cause:
    return Cause.DISPLACED if Cause.DISPLACED in set(causes) else Cause.CONTESTED
