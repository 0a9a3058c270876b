"""Lines no longer than there are columns: text wrapped at its spaces, tables told in part beneath.

Nothing is cut: what has no space in it (an id, a path) stays whole, on a line of its own, and so
does a command, which could not be pasted from several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from unicodedata import category, east_asian_width

_ARGUMENT = r"""(?:"[^"]*"|'[^']*'|[^\s,;:()“”`…<"'][^\s,;:()“”`…<]*)"""
# A command in a sentence ends at a sign, or where words follow that are no arguments: from its last
# option, value or id on, or from its name of one or two words.
_COMMAND = rf"admsync(?:(?: {_ARGUMENT})* (?![a-z]+(?![^\s])){_ARGUMENT}|(?: [a-z-]+){{1,2}})"
_WORD = re.compile(rf" *(?:[^ \w]*{_COMMAND}[^ ]*|[^ ]+)")
# What a line begins with: where the lines that continue it begin, too, or two columns further on.
_BEGINNING = re.compile(r"( *)([✓✗⚠…!+x-] +)?")
_GAP = "  "
# Green, yellow and red, of the terminal's own.
_COLOURS = {"✓": "32", "⚠": "33", "✗": "31"}
_MARK = re.compile(r"^( *)([✓⚠✗])(?= )")


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
    if 2 * len(line) <= width or columns_of(line) <= width:
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


def coloured(line: str) -> str:
    """The line with the mark that it begins with in colour."""
    return _MARK.sub(lambda found: f"{found[1]}\x1b[{_COLOURS[found[2]]}m{found[2]}\x1b[0m", line)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> Iterator[str]:
    """Rows in aligned columns, the first of which count the most: those that find no room stand
    beneath their row, each cell with its heading. A column without any cell is left out."""
    lines = [headings, *rows]
    sizes = [max(map(columns_of, column)) for column in zip(*lines, strict=True)]
    filled = [
        number
        for number in range(len(headings))
        if number == 0 or len(lines) == 1 or any(line[number] for line in lines[1:])
    ]
    beside = _beside(filled, sizes, width)
    beneath = [number for number in filled if number not in beside]
    for line, row in enumerate(lines):
        cells = [_padded(row[number], sizes[number]) for number in beside]
        yield from wrapped(_GAP.join(cells).rstrip(), width)
        texts = [f"{headings[number]}: {row[number]}" for number in beneath if line and row[number]]
        yield from beside_each_other(["", *texts], width) if texts else ()


def _beside(columns: Sequence[int], sizes: Sequence[int], width: int) -> list[int]:
    """The columns that find room beside each other, those that count the most first."""
    found = [columns[0]]
    room = width - sizes[columns[0]]
    for number in columns[1:]:
        if sizes[number] + len(_GAP) <= room:
            found.append(number)
            room -= sizes[number] + len(_GAP)
    return found


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
