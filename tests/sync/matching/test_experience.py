"""What people decided about pairs of the same kind is counted, and changes no link."""

from __future__ import annotations

from hypothesis import given

from sync.matching.decisions import Decision, Decisions, Verdict
from sync.matching.experience import Decided, experience
from sync.matching.forms import shipped
from sync.matching.keys import INSTRUCTOR, VENUE, Key, Record
from sync.matching.match import match
from tests.sync.matching.strategies import World, worlds


def decision(number: int, verdict: Verdict, mine: Key, theirs: Key) -> Decision:
    return Decision(number, verdict, f"a{number}", number, mine, theirs)


def test_decisions_are_counted_by_the_kinds_of_difference_they_were_made_on() -> None:
    decisions = [
        decision(1, Verdict.ACCEPT, ("Bob", "Lee"), ("Robert", "Lee")),
        decision(2, Verdict.ACCEPT, ("Kate", "Grant"), ("Katherine", "Grant")),
        decision(3, Verdict.REJECT, ("Bill", "Ford"), ("William", "Ford")),
        decision(4, Verdict.ACCEPT, ("Mary", "Hollowy"), ("Mary", "Holloway")),
        # Of what somebody forgot nothing is known.
        decision(5, Verdict.ACCEPT, ("", ""), ("", "")),
        decision(6, Verdict.REJECT, (), ()),
    ]
    found = experience(match(INSTRUCTOR, [], [], Decisions.of(*decisions)), shipped())
    assert found == {("nickname",): Decided(2, 1), ("letter",): Decided(1, 0)}


def test_a_pair_in_two_places_is_of_another_kind() -> None:
    decisions = Decisions.of(decision(1, Verdict.ACCEPT, ("Hall",), ("Hall",)))
    matching = match(VENUE, [Record("a1", ("Hall",), 1)], [Record(1, ("Hall",), 2)], decisions)
    assert experience(matching, shipped()) == {("elsewhere", "same"): Decided(1, 0)}


@given(worlds())
def test_experience_can_be_had_of_any_decisions(world: World) -> None:
    matching = match(*world)
    found = experience(matching, shipped())
    decided = len(matching.effect.accepted) + len(matching.effect.rejected)
    assert sum(one.total for one in found.values()) <= decided
