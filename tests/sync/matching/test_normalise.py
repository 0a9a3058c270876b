"""The normaliser is blind to how a name was typed, whatever code points it is made of."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.normalise import is_blank, is_invisible, normal
from tests.sync.matching.strategies import any_text, invisible

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: tuple[Form, ...] = get_args(Form)
CASES: tuple[Callable[[str], str], ...] = (str.upper, str.lower, str.title, str.casefold)


def assigned() -> Iterator[str]:
    return (
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) != "Cn"
    )


def test_every_assigned_code_point_has_a_form_blind_to_case_and_normalisation() -> None:
    surprising = [
        hex(ord(character))
        for character in assigned()
        if {
            normal(normal(character)),
            *(normal(change(character)) for change in CASES),
            *(normal(unicodedata.normalize(form, character)) for form in FORMS),
        }
        != {normal(character)}
    ]
    assert surprising == []


def test_no_invisible_code_point_leaves_a_trace() -> None:
    traces = [one for one in assigned() if is_invisible(one) and normal(f"a{one}b") != "ab"]
    assert traces == []


@given(any_text)
def test_the_form_of_a_form_is_itself(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(any_text, st.sampled_from(FORMS), st.sampled_from(CASES))
def test_case_and_unicode_form_make_no_difference(
    text: str, form: Form, change: Callable[[str], str]
) -> None:
    assert normal(unicodedata.normalize(form, text)) == normal(text)
    assert normal(change(text)) == normal(text)


@given(any_text, any_text, invisible)
def test_an_invisible_character_anywhere_makes_no_difference(
    before: str, after: str, character: str
) -> None:
    assert normal(before + character + after) == normal(before + after)


@given(any_text, st.text(" \t\n\u00a0\u3000", max_size=3))
def test_white_space_at_the_edges_makes_no_difference(text: str, space: str) -> None:
    assert normal(space + text + space) == normal(text)


@given(any_text, any_text)
def test_texts_equal_under_casefold_have_equal_forms(one: str, other: str) -> None:
    assert normal(one.casefold()) == normal(one)
    assert one.casefold() != other.casefold() or normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O\u2019Brien", "O'Brien"),
        ("O\u00b4Brien", "O'Brien"),
        ("Zoë Müller", "ZOE MULLER"),
        ("Łukasz Sørensen", "Lukasz Sorensen"),
        ("\u0386\u03bd\u03bd\u03b1", "\u03b1\u03bd\u03bd\u03b1"),
        ("Андрей", "Андреи"),
        ("Room\u00a0 1", " room 1 "),
        ("\uff32oom\u3000\u2460", "room 1"),
        ("ﬁnance", "finance"),
        ("Hall \u2013 East", "hall - east"),
        ("so\u00adft", "soft"),
    ],
)
def test_spellings_of_one_name_share_a_form(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("שָׁ", "שׂ"), ("CM1", "CM2"), ("é1", "e2")])
def test_marks_that_tell_words_apart_in_other_scripts_stay(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize("text", ["", " ", "\u00a0\t", "\u200b", "\u0301", "'", "\u3164"])
def test_what_leaves_nothing_to_compare_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["0", "-", "שלום", "\u200ba", "…"])
def test_anything_visible_is_not_blank(text: str) -> None:
    assert not is_blank(text)
