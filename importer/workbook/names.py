"""Splits a cell into names: by known names first, then by separators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from attrs import frozen

_BETWEEN = re.compile(r"\s*[/;,&\n\r\v\f\x85\u2028\u2029]\s*|\s+and\s+", re.IGNORECASE)
_MOST_TOGETHER = 6
"""Pieces that are tried together as one name."""


@frozen
class TypedName:
    """A name as typed in a cell; ``turned`` is *First Last* for *Last, First*."""

    text: str
    turned: str | None = None


def names_in(text: str, is_known: Callable[[str], bool] = lambda _name: False) -> tuple[str, ...]:
    """The names in a cell, each once.

    ``/``, ``;``, ``,``, ``&``, *and* and a line break separate names, except within a known one.
    """
    names = (name.text for name in typed_names(text, is_known))
    return tuple(dict.fromkeys(names))


def typed_names(text: str, is_known: Callable[[str], bool]) -> Iterator[TypedName]:
    """The names in a cell; the longest run of pieces that is a known name is one name."""
    pieces = list(_pieces(text))
    at = 0
    while at < len(pieces):
        ends = range(min(len(pieces), at + _MOST_TOGETHER), at, -1)
        runs = ((end, _name(text[pieces[at][0] : pieces[end - 1][1]])) for end in ends)
        end, name = next(((end, run) for end, run in runs if is_known(run)), (at + 1, ""))
        if name:
            yield TypedName(name)
        elif (turned := _turned(text, pieces[at : at + 2])) and is_known(turned):
            end = at + 2
            yield TypedName(_name(text[pieces[at][0] : pieces[at + 1][1]]), turned)
        else:
            yield TypedName(_name(text[slice(*pieces[at])]))
        at = end


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each piece between separators, without empty ones."""
    start = 0
    for found in _BETWEEN.finditer(text):
        if text[start : found.start()].strip():
            yield start, found.start()
        start = found.end()
    if text[start:].strip():
        yield start, len(text)


def _turned(text: str, pieces: list[tuple[int, int]]) -> str | None:
    """*First Last* of two pieces separated by a comma alone."""
    if len(pieces) < 2:
        return None
    (start, end), (start_next, end_next) = pieces
    if text[end:start_next].strip() != ",":
        return None
    return _name(f"{text[start_next:end_next]} {text[start:end]}")


def _name(text: str) -> str:
    return " ".join(text.split())
