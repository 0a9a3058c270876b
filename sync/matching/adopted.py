"""Links taken over from another tool: evidence of what somebody meant, no decision of a person's.

One between records that are not equal stays where nothing speaks against it. An equal record on the
other side, of either of the two, does; and so does another such link of one of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from attrs import field, frozen

from sync.matching.keys import Id, Link, Side, order
from sync.matching.outcomes import Cause, Outcome


@frozen
class Adopted:
    """What becomes of the links taken over, but for those that a person has settled.

    ``equal`` are for the rule to decide, ``staying`` stay though the two are not equal.
    ``given_up`` names the others, by each of the two records, with the cause.
    """

    equal: frozenset[Link] = frozenset()
    staying: tuple[Link, ...] = ()
    given_up: Mapping[tuple[Side, Id], tuple[Cause, tuple[Link, ...]]] = field(factory=dict)

    def outcome(self, side: Side, named: Id) -> Outcome | None:
        """The outcome of a record that lost such a link and found no other partner."""
        if (side, named) not in self.given_up:
            return None
        cause, links = self.given_up[side, named]
        mine = tuple(dict.fromkeys(link.administrate for link in links))
        theirs = tuple(dict.fromkeys(link.tutorial for link in links))
        return Outcome(cause, mine, theirs)


def judged(
    links: Iterable[Link],
    *,
    equal: Collection[Link],
    rivalled: Collection[Link],
    settled: Collection[Link],
) -> Adopted:
    """What becomes of each link between live records that no person rejected.

    ``equal`` are those between equal records, ``rivalled`` those one of whose records has an equal
    one to be linked with, ``settled`` those of which a person accepted a record for another.
    """
    given = sorted(set(links), key=lambda link: (order(link.administrate), order(link.tutorial)))
    uses = {side: Counter(link.on(side) for link in given) for side in Side}
    open_ = [link for link in given if link not in settled]
    staying: list[Link] = []
    lost: dict[tuple[Side, Id], list[tuple[Cause, Link]]] = defaultdict(list)
    for link in open_:
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
    return Adopted(
        frozenset(link for link in open_ if link in equal),
        tuple(staying),
        {
            named: (_weightier(cause for cause, _ in each), tuple(link for _, link in each))
            for named, each in lost.items()
        },
    )


def _weightier(causes: Iterable[Cause]) -> Cause:
    return Cause.DISPLACED if Cause.DISPLACED in set(causes) else Cause.CONTESTED
