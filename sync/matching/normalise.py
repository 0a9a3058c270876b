"""The one normaliser: removes differences that depend only on how a text was typed.

It never links anything (links ask for equality under ``str.casefold``); it finds and explains
suggestions. Both sides of every comparison go through it, in Python, never in SQL: databases fold
case by their own tables.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

VERSION = 1
"""Goes up whenever ``normal`` gives another form for any text; stored with each decision."""

UNICODE = unicodedata.unidata_version
"""The Unicode tables the forms were made with; stored with each decision."""


def _characters(*ranges: tuple[int, int]) -> frozenset[str]:
    return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1))


# Marks that sit on Latin, Greek and Cyrillic letters. Marks of other scripts (vowel signs, voicing
# marks) distinguish words and stay.
ACCENTS = _characters(
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
)
# Invisible, though Unicode does not class them as format characters.
_FILLERS = _characters(
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0100, 0xE01EF),
)
APOSTROPHES = frozenset(
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02c8\u2018\u2019\u201b\u2032\u2035\uff07"
)
DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")
# Letters with a stroke or joined letters, which Unicode does not take apart; and the dotless i,
# whose upper case is the upper case of i.
STROKED = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "\u0131": "i"}


def is_invisible(character: str) -> bool:
    """Whether the character is neither drawn nor white space."""
    if unicodedata.category(character) in ("Cf", "Cc"):
        return not character.isspace()
    return character in _FILLERS


def normal(text: str) -> str:
    """The normal form: case, compatibility forms, accents, apostrophes, spaces and what is
    invisible no longer tell it from others; words stand one space apart.

    An apostrophe becomes a space: the spacing acute typed in its place is, in Unicode's own
    compatibility form, a space with an accent, and the form must not depend on who normalised
    first. Empty where nothing visible is left.
    """
    # Compatibility decompositions hold capitals (the sign for "TEL"), hence twice.
    folded = _decomposed(_decomposed(text.casefold()).casefold())
    return " ".join(unicodedata.normalize("NFC", folded.translate(_LETTERS)).split())


def written_alike(text: str) -> str:
    """The form in which a name that somebody typed is compared with a record's: the same letters.

    Case, the number and kind of spaces, line breaks, the kind of apostrophe and of dash, what is
    invisible, and how an accent is encoded do not count; the accent itself does, unlike in
    ``normal``.
    """
    text = text.casefold()
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).casefold().translate(_SIGNS)
    return " ".join(unicodedata.normalize("NFC", text.replace("`", "'")).split())


_READ_FIRST = 100


def is_blank(text: str) -> bool:
    """Whether a text has only spaces, marks and invisible characters."""
    # Nearly every name begins with a plain letter or digit; only the others cost a normal form.
    first = text[:1]
    if first.isascii() and first.isalnum():
        return False
    return not normal(text[:_READ_FIRST]) and not normal(text)


def _decomposed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKD", text)


class _Replacements(dict[int, str]):
    """The replacement of each character, computed on first use."""

    def __init__(self, replacement: Callable[[str], str]) -> None:
        self.replacement = replacement

    def __missing__(self, code: int) -> str:
        self[code] = replacement = self.replacement(chr(code))
        return replacement


def _letter(character: str) -> str:
    """The letter of a decomposed character, without accents."""
    if character in APOSTROPHES:
        return " "
    if character in DASHES:
        return "-"
    if character in ACCENTS or is_invisible(character):
        return ""
    return STROKED.get(character, character)


def _sign(character: str) -> str:
    """The one apostrophe, dash or blank in place of its kinds."""
    if character in APOSTROPHES:
        return "'"
    if character in DASHES:
        return "-"
    return "" if is_invisible(character) else character


_LETTERS = _Replacements(_letter)
_SIGNS = _Replacements(_sign)
