"""Canonical JSON: RFC 8785 byte for byte, and characters storage cannot carry restored."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.canonical import UNIT_SEPARATOR, canonical, canonical_texts, escaped, parse, unescaped
from ledger.values import LARGEST_INTEGER
from tests.strategies import AWKWARD, texts

scalar = (
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.text() | texts
)
documents = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
carried = st.text(st.characters(codec="utf-8").filter(lambda c: escaped(c) == c), max_size=8)
plain_documents = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | carried,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(carried, inner, max_size=6),
    max_leaves=12,
)


@given(plain_documents)
@example({"\ue000": 1, "\U00010000": 2, "z": 3})
@example({"é": 1, "e": 2, "\n": 3, "": 4})
def test_the_bytes_are_those_of_rfc_8785(document: object) -> None:
    assert canonical(document) == rfc8785.dumps(document)  # type: ignore[arg-type]  # JSON it is


@given(documents)
@example({"\x00": {"\ud800": ["\x1a", "\x1e\x1f"]}})
def test_what_is_written_parses_to_what_it_was(document: object) -> None:
    data = canonical(document)
    assert parse(data) == document
    assert parse(data.decode()) == document


@given(documents)
def test_no_character_is_left_that_storage_cannot_carry(document: object) -> None:
    text = json.dumps(json.loads(canonical(document)), ensure_ascii=False)
    assert not set(text) & set("\x00\x1e\x1f")
    assert "\\u0000" not in canonical(document).decode()


@given(st.lists(documents, min_size=1, max_size=4))
@example(["\x1f", ",\x1f,", "\\u001f", {",": ","}, [[]], {}])
@example([{"\ue000": 1, "\U00010000": 2}])
@example(["\x00"])
@example(["\ud800"])
def test_several_are_written_as_each_is_by_itself_or_not_at_all(several: list[object]) -> None:
    together = canonical_texts(several)
    each = [canonical(one).decode() for one in several]
    assert together in (None, UNIT_SEPARATOR.join(each))
    if all(text.isascii() and "\\" not in text for text in each):
        assert together is not None


@given(st.text(st.sampled_from(AWKWARD + "0123456789abcdef")))
def test_escaped_text_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    escaped(text).encode()


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**70])
def test_an_integer_that_some_readers_would_round_is_refused(number: int) -> None:
    with pytest.raises(TypeError):
        canonical({"n": number})


def test_a_foreign_object_is_turned_by_the_default() -> None:
    assert canonical({"o": {1}}, sorted) == b'{"o":[1]}'
    with pytest.raises(TypeError):
        canonical({"o": {1}})
