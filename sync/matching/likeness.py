"""The similarity of two unequal keys, explained in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Mapping
from enum import StrEnum

from attrs import frozen

from sync.matching.keys import Key, Record, Rule
from sync.matching.normalise import ACCENTS, APOSTROPHES, DASHES, is_invisible, normal
from sync.matching.similarity import Form, agree_but_for_initials


class Likeness(StrEnum):
    """The causes of a suggestion, the strongest first."""

    EQUAL = "equal"
    TYPED = "typed"
    DIVIDED = "divided"
    REORDERED = "reordered"
    INITIALS = "initials"
    WORDS = "words"
    ALIKE = "alike"


@frozen
class Resemblance:
    """A cause and its sentence."""

    likeness: Likeness
    words: str


def resemblance(rule: Rule, left: Record, right: Record) -> Resemblance:
    """The strongest applicable cause; symmetric."""
    compared = rule.compared(left)
    if compared is not None and compared == rule.compared(right):
        return Resemblance(Likeness.EQUAL, "equal, and not to be told apart by the rule")
    if all(map(_same_normal, left.key, right.key)):
        traits = ", ".join(differing_traits(left.key, right.key))
        return Resemblance(Likeness.TYPED, f"equal but for {traits}")
    mine, theirs = Form.of(rule, left.key), Form.of(rule, right.key)
    if mine.text == theirs.text:
        return Resemblance(Likeness.DIVIDED, "the same full name, divided differently")
    if mine.by_word == theirs.by_word:
        return Resemblance(Likeness.REORDERED, "the same words in another order")
    if agree_but_for_initials(mine, theirs):
        return Resemblance(Likeness.INITIALS, "the same name, shortened to initials")
    return _by_words(mine, theirs)


def differing_traits(left: Key, right: Key) -> list[str]:
    """The differences between keys with equal normal forms."""
    traits = [
        name
        for name, trait in TRAITS.items()
        if any(trait(one) != trait(other) for one, other in zip(left, right, strict=True))
    ]
    return traits or ["compatibility forms of characters"]


def _same_normal(left: str, right: str) -> bool:
    return normal(left) == normal(right)


def _by_words(mine: Form, theirs: Form) -> Resemblance:
    left, right = set(mine.text.split()), set(theirs.text.split())
    if left < right or right < left:
        extra = ", ".join(sorted(left ^ right))
        return Resemblance(Likeness.WORDS, f"the same words, but only one has: {extra}")
    return Resemblance(Likeness.ALIKE, "alike")


def _leading(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _trailing(text: str) -> str:
    return text[len(text.rstrip()) :]


def _inner(text: str) -> str:
    return "|".join(re.findall(r"\s+", text.strip()))


def _only(kept: Container[str]) -> Callable[[str], str]:
    return lambda text: "".join(one for one in unicodedata.normalize("NFD", text) if one in kept)


def _invisible(text: str) -> str:
    return "".join(filter(is_invisible, text))


TRAITS: Mapping[str, Callable[[str], str]] = {
    "the leading space": _leading,
    "the trailing space": _trailing,
    "spaces between words": _inner,
    "accents": _only(ACCENTS),
    "apostrophes": _only(APOSTROPHES),
    "dashes": _only(DASHES),
    "invisible characters": _invisible,
}
