"""Suggestions name the likely partner, and the smallest change that would link it."""

from __future__ import annotations

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.changes import Background, smallest_change
from sync.matching.evidence import is_asked
from sync.matching.forms import shipped
from sync.matching.keys import (
    COURSE_TEMPLATE,
    INSTRUCTOR,
    LOCATION,
    VENUE,
    Key,
    Record,
    Rule,
    Side,
)
from sync.matching.match import match
from sync.matching.outcomes import Kind
from sync.matching.prepared import Prepared
from sync.matching.similarity import FULL, similarity
from sync.matching.suggest import Suggestion, demanded_score, suggest
from tests.sync.matching.strategies import NAMES, World, any_text, names, sides, worlds

Sides = tuple[Rule, list[Record], list[Record]]


def suggested(rule: Rule, mine: Key, theirs: Key) -> Suggestion | None:
    """The one suggestion for a record of the first key, where the other side has the second."""
    matching = match(rule, [Record("a", mine, 1)], [Record(1, theirs, 1)])
    return next(iter(suggest(matching)[Side.ADMINISTRATE].get("a", ())), None)


@pytest.mark.parametrize(
    ("rule", "mine", "theirs"),
    [
        (LOCATION, ("Edinburgh",), ("Edinbrugh",)),
        (LOCATION, ("Saint Mary's Church",), ("St. Marys Church",)),
        (LOCATION, ("London School of Economics",), ("LSE",)),
        (VENUE, ("Room 7",), ("Room 007",)),
        (VENUE, ("Room II",), ("Room 2",)),
        (VENUE, ("Hall Two",), ("Hall II",)),
        (VENUE, ("Smith & Jones House",), ("Smith and Jones Hse",)),
        (VENUE, ("Waterloo House",), ("Waterloo House, 158 Waterloo Road, London",)),
        (VENUE, ("Royal Albert Hall",), ("Albert Hall",)),
        (VENUE, ("Albert Hall (Online)",), ("Albert Hall - online",)),
        (INSTRUCTOR, ("Bob", "Holloway"), ("Robert", "Holloway")),
        (INSTRUCTOR, ("M. J.", "Holloway"), ("Mary Jane", "Holloway")),
        (INSTRUCTOR, ("M.", "Holliway"), ("Mary", "Holloway")),
        (INSTRUCTOR, ("Bob", "Holliway"), ("Robert", "Holloway")),
        (INSTRUCTOR, ("Dr M.", "Holloway FIA"), ("Mary", "Holloway")),
        (INSTRUCTOR, ("Seán", "O'Brien"), ("Sean", "OBrien")),
        (INSTRUCTOR, ("Holloway", "Mary"), ("Mary", "Holloway")),
        (INSTRUCTOR, ("Mary", "Grant Holloway"), ("Mary Grant", "Holloway")),
        (COURSE_TEMPLATE, ("CS5-S",), ("cs5 s",)),
        (COURSE_TEMPLATE, ("CS05-S",), ("CS5_S",)),
    ],
)
def test_a_record_written_otherwise_is_asked_about(rule: Rule, mine: Key, theirs: Key) -> None:
    found = suggested(rule, mine, theirs)
    assert found is not None
    assert found.meant


def test_a_longer_name_that_holds_the_one_word_of_a_name_is_a_candidate_for_it() -> None:
    found = suggested(LOCATION, ("Lulu",), ("Lulu Restaurant, Bis and Cafe",))
    assert found is not None
    assert not found.meant


@pytest.mark.parametrize(
    ("rule", "mine", "theirs"),
    [
        (COURSE_TEMPLATE, "CS5-S", "CS5-S9"),
        (COURSE_TEMPLATE, "CS5-S", "CS6-S"),
        (COURSE_TEMPLATE, "CS1-1", "CS11"),
        (COURSE_TEMPLATE, "CS5-SA", "CS5-SB"),
        (COURSE_TEMPLATE, "CSII-S", "CS2-S"),
        (VENUE, "Conference Room 138", "Conference Room 2138"),
        (VENUE, "Conference Room 138", "Conference Rm 139"),
        (VENUE, "Seminar Room A", "Seminar Room B"),
        (VENUE, "Hall Two", "Hall Three"),
        (VENUE, "Hall II", "Hall III"),
        (VENUE, "North Gallery", "South Gallery"),
        (VENUE, "Upper Reading Room", "Lower Reading Room"),
        (LOCATION, "1st Floor", "2nd Floor"),
    ],
)
def test_another_number_or_code_is_another_thing_and_never_offered(
    rule: Rule, mine: str, theirs: str
) -> None:
    assert suggested(rule, (mine,), (theirs,)) is None


def test_a_venue_elsewhere_is_offered_after_one_of_its_own_location() -> None:
    left = [Record("a", ("Room 1 ",), 1), Record("b", ("Albert Hall",), None)]
    right = [Record(1, ("Room 1",), 2), Record(2, ("Room - 1",), 1), Record(3, ("Albert Hall",), 2)]
    matching = match(VENUE, left, right)
    assert [one.candidate for one in suggest(matching)[Side.ADMINISTRATE]["a"]] == [2]
    both = suggest(matching, elsewhere=True)[Side.ADMINISTRATE]
    assert [one.candidate for one in both["a"]] == [2, 1]
    assert [(one.candidate, one.meant) for one in both["b"]] == [(3, True)]


def test_candidates_as_near_as_each_other_are_tied_and_none_was_meant() -> None:
    left = [Record("a", ("M.", "Holloway"))]
    right = [Record(1, ("Mary", "Holloway")), Record(2, ("Mark", "Holloway"))]
    offered = suggest(match(INSTRUCTOR, left, right))[Side.ADMINISTRATE]["a"]
    assert [(one.candidate, one.tied, one.meant) for one in offered] == [
        (1, True, False),
        (2, True, False),
    ]


def test_candidates_as_near_stand_in_order_of_id_namesakes_among_them() -> None:
    left = [Record("a", ("M.", "Holloway"))]
    names_there = {1: "Mary", 3: "Mark", 5: "Mary"}
    right = [Record(n, (first, "Holloway")) for n, first in names_there.items()]
    offered = suggest(match(INSTRUCTOR, left, right))[Side.ADMINISTRATE]["a"]
    assert [one.candidate for one in offered] == [1, 3, 5]


def test_where_hardly_a_record_has_a_partner_more_is_demanded() -> None:
    assert demanded_score(0, 1_000) > demanded_score(200, 1_000) > demanded_score(400, 1_000)


def test_a_candidate_that_is_the_best_of_several_says_of_whom() -> None:
    left = [Record("a", ("London ",)), Record("b", ("Londonn",)), Record("c", ("Londn",))]
    suggestions = suggest(match(LOCATION, left, [Record(1, ("London",))]))
    assert suggestions[Side.ADMINISTRATE]["b"][0].also_best_of == ("a", "c")


@given(worlds())
def test_suggestions_leave_out_linked_records_and_are_sorted_by_score_then_id(
    world: World,
) -> None:
    matching = match(*world)
    suggestions = suggest(matching)
    for side in Side:
        for named, given_ones in suggestions[side].items():
            assert matching.outcomes[side][named].kind is not Kind.LINKED
            for one in given_ones:
                assert matching.outcomes[side.other][one.candidate].kind is not Kind.LINKED
            places = [(-one.score, one.candidate) for one in given_ones]
            assert places == sorted(places)


@given(worlds(), st.integers(1, 4), st.booleans())
def test_the_first_k_suggestions_begin_the_first_k_and_one(
    world: World, most: int, elsewhere: bool
) -> None:
    matching = match(*world)
    fewer, more = (suggest(matching, one, elsewhere=elsewhere) for one in (most, most + 1))
    for side in Side:
        cut = {named: given_ones[:most] for named, given_ones in more[side].items()}
        assert cut == fewer[side]


@given(sides(), st.booleans())
def test_the_order_of_either_side_does_not_change_suggestions(
    given_sides: Sides, elsewhere: bool
) -> None:
    rule, left, right = given_sides
    there = suggest(match(rule, left, right), elsewhere=elsewhere)
    back = suggest(match(rule, left[::-1], right[::-1]), elsewhere=elsewhere)
    assert there == back


@given(sides())
def test_swapping_the_sides_swaps_the_suggestions(given_sides: Sides) -> None:
    rule, left, right = given_sides
    there, back = suggest(match(rule, left, right)), suggest(match(rule, right, left))
    for side in Side:
        assert there[side] == back[side.other]


def test_did_you_mean_is_not_asked_of_one_whose_name_has_other_words() -> None:
    left = [Record("a", ("Carla", "Puspasari")), Record("b", ("Mary", "Holoway"))]
    right = [Record(1, ("Elma", "Puspasari")), Record(2, ("Mary", "Holloway"))]
    matching = match(INSTRUCTOR, left, right)
    offered = suggest(matching)[Side.ADMINISTRATE]
    asked = [
        is_asked(matching, Side.ADMINISTRATE, one, offered[one.id][0], shipped()) for one in left
    ]
    assert offered["a"][0].meant
    assert asked == [False, True]


@given(worlds())
def test_what_was_meant_is_meant_from_both_sides_and_the_one_best_of_each(world: World) -> None:
    suggestions = suggest(match(*world))
    for side in Side:
        for named, given_ones in suggestions[side].items():
            first = given_ones[0]
            assert not any(one.meant for one in given_ones[1:])
            if first.meant:
                back = suggestions[side.other][first.candidate][0]
                assert (back.candidate, back.meant, first.tied) == (named, True, False)


def prepared(*key: str) -> Prepared:
    return Prepared.of(INSTRUCTOR, key, shipped())


def likeness(one: Prepared, other: Prepared) -> int:
    return similarity(INSTRUCTOR, shipped().people, one, other)


@given(names | any_text, names | any_text)
def test_scores_are_symmetric_and_full_marks_mean_equal_normal_forms(one: str, other: str) -> None:
    mine, theirs = prepared(one), prepared(other)
    score = likeness(mine, theirs)
    assert score == likeness(theirs, mine)
    assert (score == FULL) == (mine.text == theirs.text)
    assert 0 <= score <= FULL


@pytest.mark.parametrize("rule", [COURSE_TEMPLATE, LOCATION, INSTRUCTOR])
def test_of_any_two_near_names_full_marks_mean_equal_normal_forms(rule: Rule) -> None:
    vocabulary = shipped().people if rule.person else shipped().places
    known = [Prepared.of(rule, (name,), shipped()) for name in NAMES]
    for one, other in product(known, known):
        score = similarity(rule, vocabulary, one, other)
        assert score == similarity(rule, vocabulary, other, one)
        assert (score == FULL) == (one.text == other.text)


def test_a_candidate_as_near_as_one_that_is_not_listed_is_tied() -> None:
    left = [Record("a", ("M.", "Holloway"))]
    right = [Record(1, ("Mary", "Holloway")), Record(2, ("Mark", "Holloway"))]
    [only] = suggest(match(INSTRUCTOR, left, right), most=1)[Side.ADMINISTRATE]["a"]
    assert (only.candidate, only.tied) == (1, True)


@given(st.lists(names.filter(str.strip), min_size=2, max_size=4), any_text, st.data())
def test_where_a_name_is_divided_changes_no_score(
    words: list[str], other: str, data: st.DataObject
) -> None:
    theirs = prepared(other, "Lee")
    cut = data.draw(st.integers(1, len(words) - 1))
    divided = (" ".join(words[:cut]), " ".join(words[cut:]))
    assert likeness(prepared(*divided), theirs) == likeness(prepared(" ".join(words)), theirs)


@given(worlds())
def test_the_smallest_change_once_made_links_the_two(world: World) -> None:
    rule, left, right, decisions, *given_links = world
    matching = match(*world)
    mine, theirs = (matching.records[side].by_id for side in Side)
    for named, given_ones in suggest(matching, elsewhere=True)[Side.ADMINISTRATE].items():
        for one in given_ones:
            pair = mine[named], theirs[one.candidate]
            change = smallest_change(matching, Side.ADMINISTRATE, *pair, Background())
            if change is None or one.review is not None:
                continue
            made = [
                [
                    evolve(each, key=change.key, scope=change.scope)
                    if each.id == change.record
                    else each
                    for each in side
                ]
                for side in (left, right)
            ]
            links = match(rule, made[0], made[1], decisions, *given_links).links
            assert (named, one.candidate) in links


def test_among_many_alike_the_likely_partner_is_found() -> None:
    words = ["Bank", "Cornhill", "Dean", "Elgin", "Fleet", "Green", "Hatton", "Ivory", "Jewry"]
    names_there = [f"{one} {other} Hall" for one in words for other in words]
    left = [Record(f"a{n}", (f"{name}s",)) for n, name in enumerate(names_there)]
    right = [Record(n, (name,)) for n, name in enumerate(names_there)]
    best = suggest(match(LOCATION, left, right), most=1)[Side.ADMINISTRATE]
    assert {named: ones[0].candidate for named, ones in best.items()} == {
        f"a{n}": n for n in range(len(left))
    }


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_at_all_can_be_suggested_for(one: str, other: str) -> None:
    left, right = [Record("a", (one * 300,))], [Record(1, (other * 300,))]
    for offered in suggest(match(LOCATION, left, right))[Side.ADMINISTRATE].values():
        assert offered[0].score <= FULL
