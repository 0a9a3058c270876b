"""Equality links, counting every record; anything else is said, not guessed."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sync.matching.decisions import Decision, Decisions, Verdict
from sync.matching.keys import (
    COURSE_TEMPLATE,
    INSTRUCTOR,
    LOCATION,
    VENUE,
    Link,
    Record,
    Rule,
    Side,
)
from sync.matching.match import Matching, match
from sync.matching.outcomes import Cause, Kind
from tests.sync.matching.strategies import (
    DOTLESS_I,
    World,
    administrate_ids,
    any_text,
    names,
    records,
    sides,
    tutorial_ids,
    worlds,
)

Sides = tuple[Rule, list[Record], list[Record]]


def matched(names_left: list[str], names_right: list[str], *previous: Link) -> Matching:
    """Locations of those names, numbered a0, a1 … and 0, 1 …, matched."""
    left = [Record(f"a{n}", (name,)) for n, name in enumerate(names_left)]
    right = [Record(n, (name,)) for n, name in enumerate(names_right)]
    return match(LOCATION, left, right, previous=previous)


def cause(matching: Matching, side: Side, named: int | str) -> Cause:
    return matching.outcomes[side][named].cause


def test_names_equal_but_for_case_link() -> None:
    assert matched(["LONDON", "Straße"], ["london", "STRASSE"]).links == [("a0", 0), ("a1", 1)]


def test_a_lasting_link_stays_whatever_the_names_say_and_lets_no_equal_record_in() -> None:
    left = [Record("a0", ("Leeds",)), Record("a1", ("London",))]
    right = [Record(0, ("London",)), Record(1, ("York",))]
    matching = match(LOCATION, left, right, lasting=[Link("a0", 0)])
    assert matching.links == [("a0", 0)]
    assert cause(matching, Side.ADMINISTRATE, "a0") is Cause.LASTING
    assert cause(matching, Side.ADMINISTRATE, "a1") is Cause.TAKEN


def test_a_person_ends_a_lasting_link() -> None:
    left, right = [Record("a0", ("Leeds",))], [Record(0, ("London",)), Record(1, ("York",))]
    for decision in (
        Decision(1, Verdict.REJECT, "a0", 0, ("Leeds",), ("London",)),
        Decision(1, Verdict.ACCEPT, "a0", 1),
    ):
        decisions = Decisions.of(decision)
        matching = match(LOCATION, left, right, decisions, lasting=[Link("a0", 0)])
        assert ("a0", 0) not in matching.links


def test_a_trailing_space_does_not_link() -> None:
    matching = matched(["London "], ["London"])
    assert matching.links == []
    assert cause(matching, Side.ADMINISTRATE, "a0") is Cause.NONE_EQUAL


def test_two_tutorial_records_of_one_name_are_ambiguous_with_all_candidates() -> None:
    outcome = matched(["London"], ["London", "london"]).outcomes[Side.ADMINISTRATE]["a0"]
    assert outcome.kind is Kind.AMBIGUOUS
    assert (outcome.administrate, outcome.tutorial) == (("a0",), (0, 1))


def test_blank_matches_nothing() -> None:
    matching = matched(["", " "], ["", " "])
    assert {one.cause for one in matching.outcomes[Side.TUTORIAL].values()} == {Cause.BLANK}


def test_an_instructor_without_a_first_name_is_not_matched_by_the_last_alone() -> None:
    person = ("", "Lee")
    assert match(INSTRUCTOR, [Record("a", person)], [Record(1, person)]).links == []


def test_a_venue_links_within_its_location_only() -> None:
    left = [Record("a", ("Room",), 1), Record("b", ("Room",), 2)]
    right = [Record(1, ("room",), 2), Record(2, ("room",), 3)]
    assert match(VENUE, left, right).links == [("b", 1)]


@given(sides())
def test_a_venue_whose_location_is_not_linked_is_unmatched_and_says_so(given_sides: Sides) -> None:
    _, left, right = given_sides
    matching = match(VENUE, [Record(one.id, one.key[:1]) for one in left], right)
    assert {one.cause for one in matching.outcomes[Side.ADMINISTRATE].values()} <= {Cause.UNPLACED}


def test_a_link_whose_key_stops_being_unique_is_kept_and_flagged() -> None:
    matching = matched(["London", "London"], ["London"], Link("a0", 0))
    assert matching.links == [("a0", 0)]
    assert matching.outcomes[Side.ADMINISTRATE]["a0"].flagged
    assert cause(matching, Side.ADMINISTRATE, "a1") is Cause.SEVERAL


def test_a_link_whose_fields_no_longer_equal_is_not_kept() -> None:
    assert matched(["London Bank"], ["London"], Link("a0", 0)).links == []


def test_an_id_in_two_links_keeps_neither() -> None:
    matching = matched(["London", "London"], ["London"], Link("a0", 0), Link("a1", 0))
    assert matching.links == []


def test_an_id_given_twice_is_refused() -> None:
    twice = [Record(1, ("London",)), Record(1, ("Leeds",))]
    with pytest.raises(ValueError, match="twice"):
        match(LOCATION, [], twice)


def test_a_link_of_people_with_a_common_name_is_flagged() -> None:
    people = [Record(n, ("Ann", f"Lee{n % 3}")) for n in range(9)]
    people += [Record(n, (f"First{n % 3}", "Ray")) for n in range(9, 18)]
    common, rare = Record("a", ("Ann", "Ray")), Record("b", ("Zoe", "Quill"))
    right = [*people, Record(90, common.key), Record(91, rare.key)]
    outcomes = match(INSTRUCTOR, [common, rare], right).outcomes[Side.ADMINISTRATE]
    assert outcomes["a"].namesakes == 10_000 * 9 * 9 // 19
    assert outcomes["a"].flagged
    assert outcomes["b"].namesakes == 0
    assert not outcomes["b"].flagged


def test_only_links_of_people_by_rule_have_expected_namesakes() -> None:
    code = match(COURSE_TEMPLATE, [Record("a", ("CB1",))], [Record(1, ("CB1",))])
    assert code.outcomes[Side.ADMINISTRATE]["a"].namesakes is None


@given(worlds())
def test_every_record_ends_in_exactly_one_outcome(world: World) -> None:
    _, left, right, *_ = world
    matching = match(*world)
    assert set(matching.outcomes[Side.ADMINISTRATE]) == {one.id for one in left}
    assert set(matching.outcomes[Side.TUTORIAL]) == {one.id for one in right}
    links = {one.link for one in matching.outcomes[Side.TUTORIAL].values()} - {None}
    assert links == set(matching.links)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_either_side_is_irrelevant(world: World, chance: Random) -> None:
    rule, left, right, decisions, *links = world
    mine, theirs = chance.sample(left, len(left)), chance.sample(right, len(right))
    backwards = [some[::-1] for some in links]
    assert match(rule, mine, theirs, decisions, *backwards) == match(*world)


@given(sides())
def test_swapping_the_sides_transposes_the_links(given_sides: Sides) -> None:
    rule, left, right = given_sides
    swapped = {Link(*link[::-1]) for link in match(rule, right, left).links}
    assert swapped == set(match(rule, left, right).links)


@given(sides())
def test_exactly_the_equal_pairs_unique_on_both_sides_link_and_other_equals_are_ambiguous(
    given_sides: Sides,
) -> None:
    rule, left, right = given_sides
    matching = match(rule, left, right)
    counts = [Counter(map(rule.compared, each)) for each in (left, right)]
    for one in left:
        for other in right:
            key = rule.compared(one)
            linked = Link(one.id, other.id) in matching.links
            if key is None or key != rule.compared(other):
                assert not linked
                continue
            assert linked == (counts[0][key] == counts[1][key] == 1)
            ambiguous = matching.outcomes[Side.ADMINISTRATE][one.id].kind is Kind.AMBIGUOUS
            assert linked or ambiguous


@given(any_text)
def test_a_record_and_its_upper_cased_twin_link(name: str) -> None:
    one, other = Record("a", (name,)), Record(1, (name.upper(),))
    assume(LOCATION.compared(one) is not None)
    assume(DOTLESS_I not in name)  # its capital is the capital of i
    assert match(LOCATION, [one], [other]).links == [("a", 1)]


@given(worlds(), st.data())
def test_a_new_record_neither_adds_nor_moves_a_link_between_old_ones(
    world: World, data: st.DataObject
) -> None:
    rule, left, right, decisions, *links = world
    new_left = data.draw(records(rule, st.sampled_from(["x", "y", "f", "e"])))
    new_right = data.draw(records(rule, st.integers(5, 8)))
    more_left = left + [one for one in new_left if one.id not in {old.id for old in left}]
    more_right = right + [one for one in new_right if one.id not in {old.id for old in right}]
    old = {one.id for one in (*left, *right)}
    after = match(rule, more_left, more_right, decisions, *links).links
    between_old = {link for link in after if old.issuperset(link)}
    assert between_old <= set(match(*world).links)


@given(worlds())
def test_no_id_is_linked_twice(world: World) -> None:
    links = match(*world).links
    for side in Side:
        assert len({link.on(side) for link in links}) == len(links)


@given(sides(), administrate_ids, names)
def test_links_fed_back_stay_when_a_namesake_appears(
    given_sides: Sides, named: str, name: str
) -> None:
    rule, left, right = given_sides
    before = match(rule, left, right).links
    newcomer = Record(f"new-{named}", (name,) * len(rule.fields), 1)
    assert match(rule, [*left, newcomer], right, previous=before).links[: len(before)] == before


@given(st.text(max_size=40), st.text(max_size=40), tutorial_ids)
def test_any_text_at_all_neither_raises_nor_links_by_accident(one: str, two: str, n: int) -> None:
    links = match(LOCATION, [Record("a", (one,))], [Record(n, (two,))]).links
    assert not links or one.casefold() == two.casefold()
    assert (
        match(LOCATION, [Record("a", (one * 1_000,))], [Record(n, (f"{one * 1_000}.",))]).links
        == []
    )
