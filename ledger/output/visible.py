"""Text from outside, made safe to show: characters that nobody sees become escapes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from unicodedata import category, normalize

from ledger.blank import FILLERS


class _Escapes(dict[int, str]):
    """A table for ``str.translate``, filled as characters come."""

    def __init__(self, escape: Callable[[str], str], kept: str = "") -> None:
        super().__init__({ord(character): character for character in kept})
        self._escape = escape

    def __missing__(self, code: int) -> str:
        character = chr(code)
        seen = character.isprintable() or category(character) == "Zs"
        shown = character if seen and character not in FILLERS else self._escape(character)
        self[code] = shown
        return shown


_IN_LINES = _Escapes(lambda character: character.encode("unicode_escape").decode())
_IN_JSON = _Escapes(lambda character: json.dumps(character)[1:-1], kept="\n")
# Marks that sit on no letter, but on whatever of ours stands before a text: a quote, a space.
_MARKS = r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_BASELESS = re.compile(rf"(?<![^\W_])(?<![{_MARKS}\ufe00-\ufe0f])[{_MARKS}]+")
# Code points of other alphabets' letters and of signs that are drawn as one of ours is.
_ALIKE = """
    ' 2018 2019 02bc, - 2010 2011 2012 2212, A 0410 0391, B 0412 0392, C 0421, E 0415 0395,
    H 041d 0397, I 0406 0399, J 0408, K 041a 039a, M 041c 039c, N 039d, O 041e 039f,
    P 0420 03a1, S 0405, T 0422 03a4, X 0425 03a7, Y 0423 03a5, Z 0396, a 0430, c 0441,
    d 0501, e 0435, g 0261, i 0456 0131, j 0458, o 043e 03bf, p 0440, q 051b, s 0455,
    v 0475 03bd, w 051d, x 0445, y 0443
"""
_DRAWN_ALIKE = {
    int(code, 16): ours for ours, *codes in map(str.split, _ALIKE.split(",")) for code in codes
}
_NAMED = 3  # differences
_COMPARED = 2_000  # characters


def visible(text: str) -> str:
    r"""The text with control characters, line breaks, bidirectional marks, characters of no width
    and marks that sit on no letter as escapes: ``\x1b``, ``\n``, ``\u202e``. Given its own result,
    changes nothing."""
    return _marks_apart(text.translate(_IN_LINES))


def visible_in_json(document: str) -> str:
    """A JSON document with such characters as JSON's own escapes, which read as the same."""
    return _marks_apart(document.translate(_IN_JSON))


def told_apart(one: str, other: str) -> str:
    """What differs between two names that look equal, by code point: ``U+00A0 / U+0020``. Empty
    where they are equal, too long to be compared, or a reader sees that they are not."""
    if one == other or max(len(one), len(other)) > _COMPARED or _drawn(one) != _drawn(other):
        return ""
    found = [
        f"{_code_points(one[start:end])} / {_code_points(other[begin:finish])}"
        for what, start, end, begin, finish in SequenceMatcher(
            None, one, other, autojunk=False
        ).get_opcodes()
        if what != "equal"
    ]
    return ", ".join([*found[:_NAMED], *(["…"] if len(found) > _NAMED else [])])


def shortened(text: str, most: int = 60) -> str:
    """A text of at most so many characters, what is left out as an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def with_what_differs(words: str, one: str, other: str) -> str:
    """Words about two names; where these look equal, with what differs."""
    apart = told_apart(one, other)
    return f"{words} (these differ: {apart})" if apart else words


def _marks_apart(text: str) -> str:
    if text.isascii():
        return text
    return _BASELESS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _drawn(text: str) -> str:
    """A text as it is drawn, but for the number of its spaces and what nobody sees."""
    seen = "".join(
        " " if one.isspace() else one
        for one in normalize("NFC", text)
        if one.isspace() or (one.isprintable() and one not in FILLERS)
    )
    return " ".join(seen.translate(_DRAWN_ALIKE).split())


def _code_points(text: str) -> str:
    return (
        " ".join(f"U+{ord(one):04X}" for one in text[:_NAMED]) + ("…" if len(text) > _NAMED else "")
        or "nothing"
    )
