"""Suggestions name the likely partner, why, and the smallest change that would link it."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.keys import (
    INSTRUCTOR,
    LOCATION,
    VENUE,
    Key,
    Record,
    Rule,
    Side,
)
from sync.matching.likeness import Likeness
from sync.matching.match import match
from sync.matching.outcomes import Kind
from sync.matching.similarity import FULL, Form, similarity
from sync.matching.suggest import Suggestion, suggest
from tests.sync.matching.strategies import World, any_text, names, sides, worlds

Sides = tuple[Rule, list[Record], list[Record]]


def suggested(rule: Rule, mine: Key, theirs: Key) -> Suggestion:
    """The one suggestion for a record of the first key, where the other side has the second."""
    matching = match(rule, [Record("a", mine, 1)], [Record(1, theirs, 1)])
    return suggest(matching)[Side.ADMINISTRATE]["a"][0]


@pytest.mark.parametrize(
    ("mine", "theirs", "likeness", "words", "change"),
    [
        (
            "London ",
            "London",
            "typed",
            "equal but for the trailing space",
            "remove the trailing space",
        ),
        (
            "London",
            " London",
            "typed",
            "equal but for the leading space",
            "remove the leading space",
        ),
        (
            "Room  1",
            "Room 1",
            "typed",
            "equal but for spaces between words",
            "leave one space between words",
        ),
        (
            "Lon\u00addon",
            "London",
            "typed",
            "equal but for invisible characters (these differ: U+00AD / nothing)",
            "remove invisible characters",
        ),
        ("Zürich", "Zurich", "typed", "equal but for accents", "change name 'Zürich' to 'Zurich'"),
        (
            "St John\u2019s",
            "St John's",
            "typed",
            "equal but for apostrophes (these differ: U+2019 / U+0027)",
            "change name 'St John\u2019s' to 'St John's'",
        ),
        (
            "\uff2ceeds",
            "Leeds",
            "typed",
            "equal but for compatibility forms of characters",
            "change name '\uff2ceeds' to 'Leeds'",
        ),
        (
            "Waterloo BPP",
            "BPP Waterloo",
            "reordered",
            "the same words in another order",
            "change name 'Waterloo BPP' to 'BPP Waterloo'",
        ),
        (
            "BPP Waterloo",
            "BPP London Waterloo",
            "words",
            "the same words, but only one has: london",
            "change name 'BPP Waterloo' to 'BPP London Waterloo'",
        ),
        ("Edinburgh", "Edinbrugh", "alike", "alike", "change name 'Edinburgh' to 'Edinbrugh'"),
    ],
)
def test_a_suggestion_names_its_cause_and_the_smallest_change(
    mine: str, theirs: str, likeness: str, words: str, change: str
) -> None:
    suggestion = suggested(LOCATION, (mine,), (theirs,))
    assert suggestion.change is not None
    found = (suggestion.cause.value, suggestion.words, suggestion.change.words)
    assert found == (likeness, words, change)


@pytest.mark.parametrize(
    ("mine", "theirs", "likeness"),
    [
        (("Mary Grant", "Holloway"), ("Mary", "Grant Holloway"), Likeness.DIVIDED),
        (("Holloway", "Mary"), ("Mary", "Holloway"), Likeness.REORDERED),
        (("M.", "Holloway"), ("Mary", "Holloway"), Likeness.INITIALS),
        (("Mary", "Holoway"), ("Mary", "Holloway"), Likeness.ALIKE),
    ],
)
def test_people_are_found_however_their_name_was_entered(
    mine: Key, theirs: Key, likeness: Likeness
) -> None:
    assert suggested(INSTRUCTOR, mine, theirs).cause is likeness


def test_swapped_names_are_to_be_swapped() -> None:
    change = suggested(INSTRUCTOR, ("Holloway", "Mary"), ("Mary", "Holloway")).change
    assert change is not None
    assert change.words == "swap first name and last name"


def test_a_venue_is_offered_candidates_of_its_own_location_only() -> None:
    left = [Record("a", ("Room 1 ",), 1)]
    right = [Record(1, ("Room 1",), 2), Record(2, ("Room 1b",), 1)]
    candidates = suggest(match(VENUE, left, right))[Side.ADMINISTRATE]["a"]
    assert [one.candidate for one in candidates] == [2]


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


@given(worlds(), st.integers(1, 4), st.sampled_from([0, 1_000]))
def test_the_first_k_suggestions_begin_the_first_k_and_one(
    world: World, most: int, score_all: int
) -> None:
    matching = match(*world)
    fewer, more = (suggest(matching, one, score_all) for one in (most, most + 1))
    for side in Side:
        cut = {named: given_ones[:most] for named, given_ones in more[side].items()}
        assert cut == fewer[side]


@given(sides(), st.sampled_from([0, 1_000]))
def test_the_order_of_either_side_does_not_change_suggestions(
    given_sides: Sides, score_all: int
) -> None:
    rule, left, right = given_sides
    there = suggest(match(rule, left, right), score_all=score_all)
    back = suggest(match(rule, left[::-1], right[::-1]), score_all=score_all)
    assert there == back


@given(sides())
def test_swapping_the_sides_swaps_the_suggestions(given_sides: Sides) -> None:
    rule, left, right = given_sides
    there, back = suggest(match(rule, left, right)), suggest(match(rule, right, left))
    for side in Side:
        assert {named: _plain(ones) for named, ones in there[side].items()} == {
            named: _plain(ones) for named, ones in back[side.other].items()
        }


def _plain(suggestions: tuple[Suggestion, ...]) -> list[Suggestion]:
    """Without the change, which names a side."""
    return [evolve(one, change=None) for one in suggestions]


@given(names | any_text, names | any_text)
def test_scores_are_symmetric_and_full_marks_mean_equal_normal_forms(one: str, other: str) -> None:
    mine, theirs = Form.of(INSTRUCTOR, (one,)), Form.of(INSTRUCTOR, (other,))
    score = similarity(mine, theirs)
    assert score == similarity(theirs, mine)
    assert (score == FULL) == (mine.text == theirs.text)
    assert 0 <= score <= FULL


@given(st.lists(names.filter(str.strip), min_size=2, max_size=4), any_text, st.data())
def test_where_a_name_is_divided_changes_no_score(
    words: list[str], other: str, data: st.DataObject
) -> None:
    theirs = Form.of(INSTRUCTOR, (other, "Lee"))
    cut = data.draw(st.integers(1, len(words) - 1))
    divided = (" ".join(words[:cut]), " ".join(words[cut:]))
    whole = Form.of(INSTRUCTOR, (" ".join(words),))
    assert similarity(Form.of(INSTRUCTOR, divided), theirs) == similarity(whole, theirs)


@given(worlds())
def test_the_smallest_change_once_made_links_the_two(world: World) -> None:
    rule, left, right, decisions, *given_links = world
    matching = match(*world)
    for named, given_ones in suggest(matching)[Side.ADMINISTRATE].items():
        for one in given_ones:
            if one.change is None:
                continue
            made = [
                [
                    evolve(each, key=one.change.key) if each.id == one.change.record else each
                    for each in side
                ]
                for side in (left, right)
            ]
            links = match(rule, made[0], made[1], decisions, *given_links).links
            assert (named, one.candidate) in links


def test_among_too_many_to_score_all_the_likely_partner_is_still_found() -> None:
    words = ["Bank", "Cornhill", "Dean", "Elgin", "Fleet", "Green", "Hatton", "Ivory", "Jewry"]
    names_there = [f"{one} {other} Hall" for one in words for other in words]
    left = [Record(f"a{n}", (f"{name}s",)) for n, name in enumerate(names_there)]
    right = [Record(n, (name,)) for n, name in enumerate(names_there)]
    best = suggest(match(LOCATION, left, right), most=1, score_all=0)[Side.ADMINISTRATE]
    assert {named: ones[0].candidate for named, ones in best.items()} == {
        f"a{n}": n for n in range(len(left))
    }


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_at_all_can_be_suggested_for(one: str, other: str) -> None:
    left, right = [Record("a", (one * 300,))], [Record(1, (other * 300,))]
    for offered in suggest(match(LOCATION, left, right))[Side.ADMINISTRATE].values():
        assert offered[0].score <= FULL
