"""The table of forms: abbreviations, numbers and other ways of writing one word.

Declared in ``forms.toml``, with a version. Forms find and explain suggestions; they link nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import Factory, field, frozen
from nicknames import NickNamer


class BadFormsError(Exception):
    """A table of forms that cannot be read: which part, and what is expected there."""


@frozen
class Vocabulary:
    """The words of one kind of name. Every mapping is from and to words in normal form.

    ``standing_for`` gives the one word that all forms of a word are compared as.
    """

    short: Mapping[str, frozenset[str]] = Factory(dict)
    spelling: Mapping[str, str] = Factory(dict)
    numbers: Mapping[str, str] = Factory(dict)
    contrasts: Mapping[str, int] = Factory(dict)
    fillers: frozenset[str] = frozenset()
    number_signs: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    standing_for: Mapping[str, str] = field(init=False, eq=False, repr=False)

    @standing_for.default
    def _standing_for(self) -> Mapping[str, str]:
        """Long words become the first short one; an ambiguous short word ("st") takes all."""
        found: dict[str, str] = {}
        for short, longs in self.short.items():
            first = next((found[one] for one in sorted(longs) if one in found), short)
            found[short] = first
            for long in longs:
                found.setdefault(long, first)
        found |= {other: found.get(one, one) for other, one in self.spelling.items()}
        found |= dict(self.numbers)
        # These are compared as themselves: "upper" has to stay beside "lower".
        return {word: one for word, one in found.items() if word not in self.contrasts}

    def relation(self, one: str, other: str, shown: Callable[[str], str] = str) -> str | None:
        """How two words are forms of one, in words, each as ``shown``; None where they are not."""
        pair = f"{shown(one)} / {shown(other)}"
        for short, long in ((one, other), (other, one)):
            if long in self.short.get(short, ()):
                return f"{shown(short)} is short for {shown(long)}"
            if self.spelling.get(short) == long:
                return f"two spellings of one word: {pair}"
            if short in self.numbers and _number(long, self.numbers) == self.numbers[short]:
                return f"the same number: {pair}"
        if self.short.get(one, frozenset()) & self.short.get(other, frozenset()):
            return f"two abbreviations of one word: {pair}"
        if one.isdigit() and other.isdigit() and _number(one, {}) == _number(other, {}):
            return f"the same number: {pair}"
        return None


@frozen
class Forms:
    """A table of forms."""

    version: int
    places: Vocabulary
    people: Vocabulary

    @classmethod
    def read(cls, text: str) -> Forms:
        """From TOML; raises `BadFormsError`."""
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadFormsError(f"not TOML: {error}") from error
        if unknown := sorted(table.keys() - {"version", "places", "people"}):
            raise BadFormsError(f"unknown part {unknown[0]!r}; known: version, places, people")
        version = table.get("version")
        if not isinstance(version, int):
            raise BadFormsError("version must be a whole number")
        return cls(version, *(_vocabulary(part, table.get(part, {})) for part in _PARTS))


_PARTS = ("places", "people")


@cache
def shipped() -> Forms:
    """The table that comes with the program."""
    return Forms.read(files("sync.matching").joinpath("forms.toml").read_text("utf-8"))


@cache
def formal_names() -> Mapping[str, frozenset[str]]:
    """The formal first names of each nickname."""
    return {name: frozenset(of) for name, of in NickNamer().canonical_lookup.items()}


def nickname(one: str, other: str) -> str | None:
    """How two first names are of one person, in words; None where no list says so."""
    formal = formal_names()
    for short, long in ((one, other), (other, one)):
        if long in formal.get(short, ()):
            return f"nickname: {short.title()} is {long.title()}"
    shared = formal.get(one, frozenset()) & formal.get(other, frozenset())
    if shared:
        return f"nicknames: {one.title()} and {other.title()} are both {min(shared).title()}"
    return None


def _number(word: str, numbers: Mapping[str, str]) -> str | None:
    if word.isdigit():
        return word.lstrip("0") or "0"
    return numbers.get(word)


def _vocabulary(part: str, given: Any) -> Vocabulary:
    """One part of a table, each of its values of the declared kind."""
    found: dict[str, object] = {}
    if not isinstance(given, dict):
        raise BadFormsError(f"{part} must be a table")
    for name, value in given.items():
        if name not in _READERS:
            raise BadFormsError(f"unknown part '{part}.{name}'; known: {', '.join(_READERS)}")
        try:
            found[name] = _READERS[name](value)
        except (AttributeError, TypeError, ValueError) as error:
            raise BadFormsError(f"{part}.{name}: {_EXPECTED[name]}") from error
    return Vocabulary(**found)  # type: ignore[arg-type]


def _words(value: Any) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError
    return frozenset(_word(one) for one in value)


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value or value != value.casefold():
        raise ValueError
    return value


_READERS = {
    "short": lambda value: {_word(one): _words(of) for one, of in value.items()},
    "spelling": lambda value: {_word(one): _word(of) for one, of in value.items()},
    "numbers": lambda value: {_word(one): str(int(of)) for one, of in value.items()},
    "contrasts": lambda value: {
        word: group for group, words in enumerate(value) for word in _words(words)
    },
    "fillers": _words,
    "number_signs": _words,
    "streets": _words,
    "titles": _words,
}
_EXPECTED = {
    "short": "each must be a list of lower-case words, as in rd = ['road']",
    "spelling": "each must be a lower-case word, as in center = 'centre'",
    "numbers": "each must be a whole number, as in two = 2",
    "contrasts": "must be a list of lists of lower-case words",
    **dict.fromkeys(
        ("fillers", "number_signs", "streets", "titles"), "must be a list of lower-case words"
    ),
}
