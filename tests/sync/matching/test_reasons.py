"""A suggestion says what sets the two apart in a sentence, and what to change where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.changes import Background, smallest_change
from sync.matching.evidence import evidence_for
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
from sync.matching.reasons import reason
from sync.matching.suggest import Suggestion
from tests.sync.matching.strategies import any_text, names, rules

CYRILLIC = "U+0430"


def said(rule: Rule, mine: Key, theirs: Key) -> str:
    return reason(rule, shipped(), Record("a", mine, 1), Record(1, theirs, 1)).words


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        ("London ", "London", "equal but for the trailing space"),
        ("London", " London", "equal but for the leading space"),
        ("Room  1", "Room 1", "equal but for spaces between words"),
        (
            "Lon\u00addon",
            "London",
            "equal but for invisible characters (these differ: U+00AD / nothing)",
        ),
        ("Zürich", "Zurich", "equal but for accents"),
        (
            "St John\u2019s",
            "St John's",
            "equal but for apostrophes (these differ: U+2019 / U+0027)",
        ),
        ("\uff2ceeds", "Leeds", "equal but for compatibility forms of characters"),
        (
            "P\u0430ris",
            "Paris",
            f"one letter differs: P\u0430ris / Paris (these differ: {CYRILLIC} / U+0061)",
        ),
        ("St. Johns, York", "St Johns York", "equal but for punctuation"),
        ("Saint John", "St John", "St is short for Saint"),
        ("Fleet St", "Fleet Street", "St is short for Street"),
        ("Smith & Co", "Smith and Company", "Co is short for Company; & stands for and"),
        ("Hall Two", "Hall II", "the same number: Two / II"),
        ("Room 007", "Room 7", "the same number: 007 / 7"),
        ("Waterloo BPP", "BPP Waterloo", "the same words in another order"),
        ("BPP Waterloo", "BPP London Waterloo", "only one has: London"),
        ("Edinburgh", "Edinbrugh", "two letters swapped: Edinburgh / Edinbrugh"),
        ("Edinburg", "Edinburgh", "one letter less: Edinburg / Edinburgh"),
        ("Catherine", "Katherine", "one letter differs: Catherine / Katherine"),
        ("Wellington", "Welingtom", "two letters differ: Wellington / Welingtom"),
        (
            "Newcastle Mall",
            "New Castle Mall",
            "written as one word or as two: Newcastle / New Castle",
        ),
        (
            "Aldgate House",
            "Aldgate House, 12 Mansell Street",
            "address added: 12 Mansell Street",
        ),
        (
            "LSE",
            "London School of Economics",
            "LSE: the first letters of London School of Economics",
        ),
        ("Room No. 5", "Room 5", "only one has: No"),
        ("Bed & Board", "Bed and Board", "& stands for and"),
        ("1st Floor", "1 Floor", "the same words, written otherwise: 1st Floor / 1 Floor"),
        ("S\u00f8ndre Hall", "Sondre Hall", "equal but for letters with a stroke or joined"),
        ("Grand Hotel", "Plaza Hotel", "other words: Grand / Plaza"),
        ("Sa Tsu Ki", "Katsu", "other words: Sa Tsu Ki / Katsu"),
        ("Summit Pavi.", "Summit Pavilion", "shortened: Pavi / Pavilion"),
        (
            "Goldsmith's Hub",
            "Goldsmith Hub",
            "one letter more: Goldsmith's / Goldsmith",
        ),
        (
            "Albert Hall (Online)",
            "Albert Hall - Online",
            "equal but for spaces between words, dashes, punctuation",
        ),
    ],
)
def test_the_difference_of_two_places_is_named(mine: str, theirs: str, words: str) -> None:
    assert said(LOCATION, (mine,), (theirs,)) == words


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        (("Bob", "Holloway"), ("Robert", "Holloway"), "nickname: Bob is Robert"),
        (("M.", "Holloway"), ("Mary", "Holloway"), "initial: M stands for Mary"),
        (("Mary", "Holoway"), ("Mary", "Holloway"), "one letter less: Holoway / Holloway"),
        (("Holloway", "Mary"), ("Mary", "Holloway"), "first name and last name swapped"),
        (
            ("Mary Grant", "Holloway"),
            ("Mary", "Grant Holloway"),
            "the same full name, divided differently",
        ),
        (("Dr Mary", "Holloway"), ("Mary", "Holloway"), "title: Dr"),
        (("Dr Mary", "Holloway"), ("Prof. Mary", "Holloway"), "another title: Dr / Prof"),
        (("M", "Holloway FIA"), ("Mary", "Holloway"), "title: FIA; initial: M stands for Mary"),
        (("Mary", "O'Brien"), ("Mary", "OBrien"), "equal but for apostrophes"),
        (
            ("Bob", "Holoway"),
            ("Robert", "Holloway"),
            "nickname: Bob is Robert; one letter less: Holoway / Holloway",
        ),
        (("Mary Jane", "Holloway"), ("Mary", "Holloway"), "only one has: Jane"),
        (("Mary", "Adriansy"), ("Mary", "Adriansyah"), "two letters less: Adriansy / Adriansyah"),
        (("Mary", "T-ha"), ("Mary", "Tha"), "written as one word or as two: T-ha / Tha"),
        (("Mary", "Gae"), ("Mary", "Gat"), "one letter differs: Gae / Gat"),
        (
            ("", "Müklerová, Mikuláš"),
            ("Mikuláš", "Müllerová"),
            "one letter differs: Müklerová / Müllerová",
        ),
    ],
)
def test_the_difference_of_two_people_is_named(mine: Key, theirs: Key, words: str) -> None:
    assert said(INSTRUCTOR, mine, theirs) == words


def test_codes_differ_in_how_they_are_written() -> None:
    words = said(COURSE_TEMPLATE, ("CS05-S",), ("cs5 s",))
    assert words == "the same code but for separators and leading zeros"


@given(rules, names | any_text, names | any_text)
def test_something_is_said_of_any_two_and_not_that_they_are_alike(
    rule: Rule, one: str, other: str
) -> None:
    mine, theirs = ((text, "Lee")[: len(rule.fields)] for text in (one, other))
    words = said(rule, mine, theirs)
    assert words
    assert words != "alike"


@given(st.sampled_from([LOCATION, INSTRUCTOR]), names, names)
def test_the_kinds_of_difference_do_not_depend_on_the_side(
    rule: Rule, one: str, other: str
) -> None:
    pair = [Record(n, (text, "Lee")[: len(rule.fields)]) for n, text in enumerate((one, other))]
    there, back = (reason(rule, shipped(), *two).kinds for two in (pair, pair[::-1]))
    assert there == back


def changed(rule: Rule, mine: Key, theirs: Key, background: Background | None = None) -> str | None:
    left, right = Record("a", mine, 1), Record(1, theirs, 1)
    matching = match(rule, [left], [right])
    found = smallest_change(matching, Side.ADMINISTRATE, left, right, background or Background())
    return found.words if found else None


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        ("London ", "London", "in Administrate: remove the trailing space"),
        ("London", "London ", "in the tutorial tables: remove the trailing space"),
        ("Room  1", "Room 1", "in Administrate: leave one space between words"),
        ("Lon\u00addon", "London", "in Administrate: remove invisible characters"),
        (
            "Edinburgh",
            "Edinbrugh",
            (
                "in Administrate: change name 'Edinburgh' to 'Edinbrugh'; or in the tutorial"
                " tables: change name 'Edinbrugh' to 'Edinburgh'"
            ),
        ),
    ],
)
def test_the_smallest_change_names_the_system(mine: str, theirs: str, words: str) -> None:
    assert changed(LOCATION, (mine,), (theirs,)) == words


def test_the_record_on_which_more_hangs_is_left_alone() -> None:
    hanging = Background(dependents={(Side.ADMINISTRATE, "a"): 3, (Side.TUTORIAL, 1): 1})
    words = changed(LOCATION, ("Edinburgh",), ("Edinbrugh",), hanging)
    assert words == "in the tutorial tables: change name 'Edinbrugh' to 'Edinburgh'"


def test_swapped_names_are_to_be_swapped() -> None:
    hanging = Background(dependents={(Side.TUTORIAL, 1): 1})
    words = changed(INSTRUCTOR, ("Holloway", "Mary"), ("Mary", "Holloway"), hanging)
    assert words == "in Administrate: swap first name and last name"


def test_a_long_name_is_shortened_in_the_change() -> None:
    words = changed(LOCATION, ("Long " * 1_000,), ("Short",))
    assert words is not None
    assert len(words) < 300


def test_a_venue_elsewhere_says_where_each_lies_and_to_move_one() -> None:
    left, right = Record("a", ("Albert Hall",), 1), Record(1, ("Albert Hall",), 2)
    matching = match(VENUE, [left], [right])
    places = {(Side.ADMINISTRATE, "a"): "Waterloo House", (Side.TUTORIAL, 1): "Aldgate"}
    background = Background(places, {(Side.TUTORIAL, 1): 1})  # type: ignore[arg-type]
    found = evidence_for(
        matching, Side.ADMINISTRATE, left, Suggestion(1, 9_500), shipped(), background
    )
    assert found.words == "another location: at Waterloo House there, at Aldgate here"
    assert found.change is not None
    assert found.change.words == "in Administrate: move it to Aldgate"
    assert found.kinds == ("elsewhere", "same")


def test_a_venue_of_an_unlinked_location_says_that() -> None:
    left, right = Record("a", ("Albert Hall",), None), Record(1, ("Albert Hall",), 2)
    matching = match(VENUE, [left], [right])
    background = Background({(Side.ADMINISTRATE, "a"): "Waterloo House"})
    found = evidence_for(
        matching, Side.TUTORIAL, right, Suggestion("a", 9_500), shipped(), background
    )
    assert found.words == "its location in Administrate, Waterloo House, is not linked"
    assert found.change is not None
    assert found.change.words.startswith("link its location first; or in Administrate: move it")
