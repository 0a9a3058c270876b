"""Links the records of the two sides: a pure function, independent of their order.

Only equality links by itself: the rule's fields equal under ``str.casefold``, none blank, exactly
one live record with that key on each side. Records are counted, not what is left of them, so linked
and rejected ones count too: confirming one of two namesakes never links the other by elimination.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import define, field, frozen

from sync.matching.adopted import Adopted
from sync.matching.decisions import Decisions, Effect
from sync.matching.keys import Compared, Id, Link, Record, Rule, Side, order
from sync.matching.namesakes import Names, expected_namesakes
from sync.matching.outcomes import Cause, Kind, Outcome
from sync.matching.records import Records, record_order

# A record without a partner, for no more than that none was there.
_PARTNERLESS = frozenset({Cause.NONE_EQUAL, Cause.BLANK, Cause.UNPLACED})


@frozen
class Matching:
    """The result of one rule for two sides: one outcome for every record of each.

    The inputs are included, for explanations and suggestions.
    """

    rule: Rule
    outcomes: Mapping[Side, Mapping[Id, Outcome]]
    records: Mapping[Side, Records] = field(eq=False, repr=False)
    effect: Effect = field(eq=False, repr=False)
    previous: frozenset[Link] = field(eq=False, repr=False)
    adopted: frozenset[Link] = field(eq=False, repr=False)
    lasting: frozenset[Link] = field(default=frozenset(), eq=False, repr=False)

    @property
    def links(self) -> list[Link]:
        """Every pair linked, in order of the Administrate ids."""
        outcomes = self.outcomes[Side.ADMINISTRATE].values()
        links = [outcome.link for outcome in outcomes if outcome.link is not None]
        return sorted(links, key=lambda link: order(link.administrate))

    @cached_property
    def previous_by_id(self) -> Mapping[tuple[Side, Id], list[Link]]:
        """The previous run's links of a record."""
        return _by_id(self.previous)

    @cached_property
    def adopted_by_id(self) -> Mapping[tuple[Side, Id], list[Link]]:
        """The adopted links of a record."""
        return _by_id(self.adopted)

    @cached_property
    def lasting_by_id(self) -> Mapping[tuple[Side, Id], list[Link]]:
        """The lasting links of a record."""
        return _by_id(self.lasting)

    def unlinked(self, side: Side) -> list[Record]:
        """The unlinked records of a side, in order of id."""
        outcomes = self.outcomes[side]
        records = self.records[side].by_id.values()
        unlinked = [one for one in records if outcomes[one.id].kind is not Kind.LINKED]
        return sorted(unlinked, key=record_order)


def match(
    rule: Rule,
    administrate: Iterable[Record],
    tutorial: Iterable[Record],
    decisions: Decisions | None = None,
    previous: Iterable[Link] = (),
    adopted: Iterable[Link] = (),
    lasting: Iterable[Link] = (),
) -> Matching:
    """Decide every record of both sides; ``tutorial`` holds the active ones only.

    Four things in this order: a person's acceptance links its two ids whatever their fields say,
    and holds a record whose partner is gone; a rejected pair is never linked; an ``adopted`` link,
    of an older tool's, stays where neither of its records has an equal one to be linked with; the
    rule decides the rest.

    A ``lasting`` link stays whatever its records' fields say, unless a person rejected the pair or
    accepted one of the two for another record.

    ``previous`` are the links of the run before. They matter where a namesake appears: on the
    records alone it would take the automatic link away, since nobody can tell any longer which of
    the two is meant. But the link was decided on good evidence while the key was unique, and events
    may depend on it: it stays with the cause ``KEPT``, which flags it for a person, as long as its
    two keys are equal and nobody rejected it; the newcomer is ambiguous. A previous link with
    unequal keys does not stay: to survive a renaming, a link has to be accepted. An id in two links
    keeps neither. So a new record never adds or moves a link between others, and without
    ``previous`` the result is the rule's own, as a replay under other rules needs it.
    """
    deciding = _Deciding(
        rule,
        {
            Side.ADMINISTRATE: Records.of(rule, administrate),
            Side.TUTORIAL: Records.of(rule, tutorial),
        },
        (decisions or Decisions()).effect,
    )
    before, taken_over, lasted = map(frozenset, (previous, adopted, lasting))
    deciding.accept()
    deciding.last(lasted)
    deciding.adopt(taken_over)
    deciding.compare(deciding.keepable(before))
    deciding.give_up()
    return Matching(
        rule=rule,
        outcomes=deciding.outcomes,
        records=deciding.records,
        effect=deciding.effect,
        previous=before,
        adopted=taken_over,
        lasting=lasted,
    )


@define
class _Deciding:
    """One pass over both sides; the first outcome set for a record stays."""

    rule: Rule
    records: dict[Side, Records]
    effect: Effect
    outcomes: dict[Side, dict[Id, Outcome]] = field(factory=lambda: {side: {} for side in Side})
    adopted: Adopted = field(factory=Adopted)
    lasting: set[tuple[Side, Id]] = field(factory=set)

    def accept(self) -> None:
        for pair in self.effect.accepted:
            live = [side for side in Side if pair.on(side) in self.records[side].by_id]
            cause = Cause.ACCEPTED if len(live) == 2 else Cause.PARTNER_GONE
            for side in live:
                self.outcomes[side][pair.on(side)] = Outcome.of_pair(cause, pair)

    def last(self, links: Iterable[Link]) -> None:
        """Links the lasting pairs that no decision is against."""
        for link in sorted(links, key=lambda one: (order(one.administrate), order(one.tutorial))):
            if self._live(link) and link not in self.effect.rejected and not self._claimed(link):
                self._set_pair(Outcome.of_pair(Cause.LASTING, link), link)
                self.lasting |= {(side, link.on(side)) for side in Side}

    def adopt(self, links: frozenset[Link]) -> None:
        """Links adopted pairs with nothing against them."""
        known = [link for link in links if self._live(link) and link not in self.effect.rejected]
        self.adopted = Adopted.of(
            known,
            equal={link for link in known if self._equal(link)},
            rivalled={link for link in known if self._rivalled(link)},
            accepted={link for link in known if self._claimed(link)},
        )
        for link in self.adopted.staying:
            self._set_pair(Outcome.of_pair(Cause.ADOPTED, link), link)

    def give_up(self) -> None:
        """Gives each unlinked record the outcome of its lost adopted link."""
        for side, named in self.adopted.given_up:
            given_up = self.adopted.outcome(side, named)
            if given_up is not None and self.outcomes[side][named].cause in _PARTNERLESS:
                self.outcomes[side][named] = given_up

    def keepable(self, previous: frozenset[Link]) -> dict[Id, Link]:
        """The previous links that may stay beside namesakes, by their Administrate ids."""
        links = previous | self.adopted.equal
        uses = {side: Counter(link.on(side) for link in links) for side in Side}
        return {
            link.administrate: link
            for link in links
            if all(uses[side][link.on(side)] == 1 for side in Side) and self._still_equal(link)
        }

    def compare(self, keepable: dict[Id, Link]) -> None:
        left, right = self.records[Side.ADMINISTRATE], self.records[Side.TUTORIAL]
        names: list[Names] = []
        if self.rule.person:
            names = [Names.of(self.rule, side.alike) for side in (left, right)]
        for compared, mine in left.alike.items():
            theirs = right.alike.get(compared)
            if theirs is None:
                self._decide(mine, [], Cause.NONE_EQUAL)
            elif len(mine) == len(theirs) == 1:
                self._decide_pair(compared, mine[0], theirs[0], names)
            else:
                for link in (keepable[one.id] for one in mine if one.id in keepable):
                    taken_over = link in self.adopted.equal
                    cause = Cause.ADOPTED_ALIKE if taken_over else Cause.KEPT
                    self._set_pair(Outcome.of_pair(cause, link), link)
                self._decide(mine, theirs, Cause.SEVERAL)
        for compared, theirs in right.alike.items():
            if compared not in left.alike:
                self._decide([], theirs, Cause.NONE_EQUAL)
        for record in left.keyless:
            self._decide([record], [], self._why_keyless(record))
        for record in right.keyless:
            self._decide([], [record], self._why_keyless(record))

    def _still_equal(self, link: Link) -> bool:
        if link in self.effect.rejected or self._claimed(link) or not self._live(link):
            return False
        return self._equal(link)

    def _live(self, link: Link) -> bool:
        return all(link.on(side) in self.records[side].by_id for side in Side)

    def _equal(self, link: Link) -> bool:
        mine, theirs = (self._compared(side, link.on(side)) for side in Side)
        return mine is not None and mine == theirs

    def _compared(self, side: Side, named: Id) -> Compared | None:
        return self.rule.compared(self.records[side].by_id[named])

    def _rivalled(self, link: Link) -> bool:
        """Whether one of the two has an equal record that nobody rejected for it."""
        mine, theirs = link
        equal = [
            *(Link(mine, one.id) for one in self._equals(Side.ADMINISTRATE, mine)),
            *(Link(one.id, theirs) for one in self._equals(Side.TUTORIAL, theirs)),
        ]
        return any(pair not in self.effect.rejected for pair in equal)

    def _equals(self, side: Side, named: Id) -> list[Record]:
        return self.records[side.other].like(self._compared(side, named))

    def _claimed(self, link: Link) -> bool:
        ends = [(side, link.on(side)) for side in Side]
        return any(end in self.effect.partner or end in self.lasting for end in ends)

    def _decide_pair(
        self, compared: Compared, mine: Record, theirs: Record, names: list[Names]
    ) -> None:
        link, namesakes = Link(mine.id, theirs.id), None
        before: tuple[Id, ...] = ()
        if (rejection := self.effect.rejected.get(link)) is not None:
            cause = Cause.REJECTED if rejection.binds(mine, theirs) else Cause.REVIEW
        elif self._claimed(link):
            cause = Cause.TAKEN  # for whichever of the two is not decided already
        else:
            _, given_up = self.adopted.given_up.get((Side.ADMINISTRATE, mine.id), (None, ()))
            before = tuple(one.tutorial for one in given_up)
            cause = Cause.PREFERRED if given_up else Cause.RULE
            namesakes = expected_namesakes(names, compared)
        self._set_pair(Outcome(cause, (mine.id,), (theirs.id, *before), namesakes), link)

    def _decide(self, mine: list[Record], theirs: list[Record], cause: Cause) -> None:
        outcome = Outcome(cause, tuple([one.id for one in mine]), tuple([one.id for one in theirs]))
        for one in mine:
            self._set(Side.ADMINISTRATE, one.id, outcome)
        for one in theirs:
            self._set(Side.TUTORIAL, one.id, outcome)

    def _set_pair(self, outcome: Outcome, link: Link) -> None:
        for side in Side:
            self._set(side, link.on(side), outcome)

    def _set(self, side: Side, named: Id, outcome: Outcome) -> None:
        self.outcomes[side].setdefault(named, outcome)

    def _why_keyless(self, record: Record) -> Cause:
        return Cause.UNPLACED if self.rule.scoped and record.scope is None else Cause.BLANK


def _by_id(links: Iterable[Link]) -> dict[tuple[Side, Id], list[Link]]:
    found: dict[tuple[Side, Id], list[Link]] = {}
    for link in links:
        for side in Side:
            found.setdefault((side, link.on(side)), []).append(link)
    return found
