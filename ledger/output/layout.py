"""Lines no longer than there are columns: text wrapped at its spaces, tables told in part beneath.

Nothing is cut: what has no space in it (an id, a path) stays whole, on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from unicodedata import category, east_asian_width

_WORD = re.compile(r" *[^ ]+")
# What a line begins with: where the lines that continue it begin, too, or two columns further on.
_BEGINNING = re.compile(r"( *)([✓✗⚠…!+x-] +)?")
_GAP = "  "


def columns_of(text: str) -> int:
    """How many columns a text takes; it holds nothing that acts on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(one) in ("Mn", "Me") else 1 + (east_asian_width(one) in "WF") for one in text
    )


def wrapped(line: str, width: int, hang: int | None = None) -> list[str]:
    """A line as several of at most so many columns; those after the first begin at ``hang``, by
    default behind the first one's indentation or mark."""
    if columns_of(line) <= width:
        return [line]
    if hang is None:
        indented, mark = _BEGINNING.findall(line)[0]
        hang = len(indented) + (len(mark) or 2)
    indent = " " * min(hang, width // 2)
    found: list[str] = []
    current = ""
    for word in _WORD.findall(line):
        if not current.strip() or columns_of(current + word) <= width:
            current += word
        else:
            found.append(current)
            current = indent + word.lstrip(" ")
    return [*found, current]


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> Iterator[str]:
    """Rows in aligned columns, as many of the first ones as there is room for; what is in the
    others stands beneath its row, with its heading."""
    lines = [headings, *rows]
    sizes = [max(map(columns_of, column)) for column in zip(*lines, strict=True)]
    beside = 1
    while beside < len(sizes) and sum(sizes[: beside + 1]) + beside * len(_GAP) <= width:
        beside += 1
    for number, row in enumerate(lines):
        yield from wrapped(_GAP.join(map(_padded, row[:beside], sizes[:beside])).rstrip(), width)
        told = zip(headings[beside:], row[beside:], strict=True) if number else ()
        texts = [f"{heading}: {cell}" for heading, cell in told if cell]
        yield from beside_each_other(["", *texts], width) if texts else ()


def beside_each_other(texts: Iterable[str], width: int, indent: int = 2) -> Iterator[str]:
    """Texts on one line, or on as many as they need: a text is broken only where it is longer than
    a line. The lines after the first begin at ``indent``, as does a text behind nothing."""
    current = ""
    for number, text in enumerate(texts):
        together = f"{current}{_GAP}{text}" if number else text
        if current.strip() and columns_of(together) > width:
            yield from wrapped(current, width, indent + 2)
            together = " " * indent + text
        current = together
    yield from wrapped(current, width, indent + 2)


def _padded(cell: str, size: int) -> str:
    return cell + " " * (size - columns_of(cell))
