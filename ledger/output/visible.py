"""Text from outside, made safe to show: characters that nobody sees become escapes."""

from __future__ import annotations

import json
from collections.abc import Callable
from unicodedata import category

# Letters, by Unicode's account, that show nothing.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"


class _Escapes(dict[int, str]):
    """A table for ``str.translate``, filled as characters come."""

    def __init__(self, escape: Callable[[str], str], kept: str = "") -> None:
        super().__init__({ord(character): character for character in kept})
        self._escape = escape

    def __missing__(self, code: int) -> str:
        character = chr(code)
        seen = character.isprintable() or category(character) == "Zs"
        shown = character if seen and character not in _FILLERS else self._escape(character)
        self[code] = shown
        return shown


_IN_LINES = _Escapes(lambda character: character.encode("unicode_escape").decode())
_IN_JSON = _Escapes(lambda character: json.dumps(character)[1:-1], kept="\n")


def visible(text: str) -> str:
    r"""The text with control characters, line breaks, bidirectional marks and characters of no
    width as escapes: ``\x1b``, ``\n``, ``\u202e``. Given its own result, changes nothing."""
    return text.translate(_IN_LINES)


def visible_in_json(document: str) -> str:
    """A JSON document with such characters as JSON's own escapes, which read as the same."""
    return document.translate(_IN_JSON)
