"""Ranks the unlinked records of each side by their similarity to those of the other, once.

Records of one name and scope are one node, so that thousands of namesakes cost what one costs.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import field, frozen

from sync.matching.forms import Forms
from sync.matching.keys import Id, Key, Record, Side
from sync.matching.match import Matching
from sync.matching.neighbours import keys_of, neighbours
from sync.matching.prepared import Prepared
from sync.matching.similarity import FLOOR, FULL, similarity

ELSEWHERE = 500
"""What another scope costs, in ten-thousandths."""


@frozen(eq=False)
class Node:
    """The unlinked records of one name and one scope, by id."""

    name: Prepared
    scope: Id | None
    records: list[Record] = field(factory=list)


@frozen
class Ranking:
    """One side's nodes, each with the near ones of the other side, best first, then by first id.

    A near one is a whole number of what its score falls short of full marks by and its position: a
    row of plain numbers is sorted and kept at a fraction of the cost.
    """

    nodes: list[Node]
    others: list[Node]
    near: list[array[int]]

    @classmethod
    def of(cls, nodes: list[Node], others: list[Node]) -> Ranking:
        """Nothing near yet."""
        return cls(nodes, others, [array("q") for _ in nodes])

    def add(self, node: int, other: int, score: int) -> None:
        """Another one near to a node."""
        self.near[node].append((FULL - score) * len(self.others) + other)

    def sort(self) -> None:
        """The best first, each once."""
        for node, near in enumerate(self.near):
            self.near[node] = array("q", sorted(set(near)))

    def best(self, node: int, most: int) -> list[tuple[int, Node]]:
        """So many of the near ones, each after its score."""
        found = []
        for one in self.near[node][:most]:
            short, at = divmod(one, len(self.others))
            found.append((FULL - short, self.others[at]))
        return found


def ranked(matching: Matching, forms: Forms, *, elsewhere: bool) -> Mapping[Side, Ranking]:
    """The nodes of each side with those near to them; every node is there."""
    nodes = {side: _nodes(matching, side, forms, unplaced=elsewhere) for side in Side}
    mine, theirs = nodes[Side.ADMINISTRATE], nodes[Side.TUTORIAL]
    comparison = _Comparison(matching, forms, Ranking.of(mine, theirs), Ranking.of(theirs, mine))
    if matching.rule.scoped:
        there = _by_scope(theirs)
        for scope, positions in _by_scope(mine).items():
            if scope is not None and scope in there:
                comparison.compare(positions, there[scope])
    if elsewhere or not matching.rule.scoped:
        comparison.compare(range(len(mine)), range(len(theirs)))
    comparison.mine.sort()
    comparison.theirs.sort()
    return {Side.ADMINISTRATE: comparison.mine, Side.TUTORIAL: comparison.theirs}


@frozen
class _Comparison:
    """The nodes of both sides, with what they are found by, and the ones near to each."""

    matching: Matching
    forms: Forms
    mine: Ranking
    theirs: Ranking

    def compare(self, mine: Sequence[int], theirs: Sequence[int]) -> None:
        """Scores those near to each other."""
        rule = self.matching.rule
        vocabulary = self.forms.people if rule.person else self.forms.places
        nodes, others = self.mine.nodes, self.theirs.nodes
        for here, there in neighbours(self.keys(nodes, mine), self.keys(others, theirs)):
            at, to = mine[here], theirs[there]
            one, other = nodes[at], others[to]
            score = similarity(rule, vocabulary, one.name, other.name, FLOOR)
            if rule.scoped and apart(one.scope, other.scope):
                score -= ELSEWHERE
            if score >= FLOOR:
                self.mine.add(at, to, score)
                self.theirs.add(to, at, score)

    def keys(self, nodes: list[Node], positions: Iterable[int]) -> Iterator[frozenset[str]]:
        """What those nodes are found by."""
        rule = self.matching.rule
        vocabulary = self.forms.people if rule.person else self.forms.places
        for at in positions:
            yield keys_of(rule, nodes[at].name, vocabulary)


def apart(one: Id | None, other: Id | None) -> bool:
    """Whether two scopes are not known to be one."""
    return one is None or one != other


def _nodes(matching: Matching, side: Side, forms: Forms, *, unplaced: bool) -> list[Node]:
    """In order of their first records' ids."""
    rule, ignored = matching.rule, matching.effect.ignored
    prepared: dict[Key, Prepared] = {}
    found: dict[object, Node] = {}
    for record in matching.unlinked(side):
        scope = record.scope if rule.scoped else None
        if (side, record.id) in ignored or (rule.scoped and scope is None and not unplaced):
            continue
        name = prepared.get(record.key)
        if name is None:
            name = prepared[record.key] = Prepared.of(rule, record.key, forms)
        if name.text:
            node = found.setdefault((name.text, name.spelt, scope), Node(name, scope))
            node.records.append(record)
    return list(found.values())


def _by_scope(nodes: list[Node]) -> dict[Id | None, list[int]]:
    found: dict[Id | None, list[int]] = defaultdict(list)
    for position, node in enumerate(nodes):
        found[node.scope].append(position)
    return found
