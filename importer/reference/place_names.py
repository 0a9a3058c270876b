"""Whether a product's name contains a location's name, as whole words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import normalize

from attrs import define, field


@define
class PlaceNames:
    """The names of all locations; a longer name is not mistaken for a shorter one within it."""

    _known: tuple[str, ...]
    _patterns: dict[str, re.Pattern[str]] = field(factory=dict)

    @classmethod
    def of(cls, names: Iterable[str]) -> PlaceNames:
        """The locations of those names."""
        known = {_spaced(name) for name in names}
        return cls(tuple(sorted(known, key=len, reverse=True)))

    def is_named_in(self, location: str, *names: str) -> bool:
        """Whether one of the names names the location; ``Tutorial - London Bridge`` does not name
        London where London Bridge is a location, too."""
        place = _spaced(location)
        if place not in self._patterns:
            longer = (known for known in self._known if place in known and place != known)
            self._patterns[place] = _any_of([*longer, place])
        pattern = self._patterns[place]
        return any(found[0] == place for name in names for found in pattern.finditer(_spaced(name)))


def _spaced(text: str) -> str:
    """A name prepared for the search: composed, casefolded, one space between words."""
    plain = normalize("NFKC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return " ".join(plain.casefold().split())


def _any_of(names: list[str]) -> re.Pattern[str]:
    """Finds the names as whole words, earlier names first: a hyphen or an apostrophe joins words
    (``Stratford-upon-Avon``)."""
    words = "|".join(re.escape(name) for name in names)
    return re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_]|[-'][^\W\d_])")
