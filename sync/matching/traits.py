"""What sets apart two texts of the same words: spaces, signs, accents, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Mapping

from sync.matching.keys import Key
from sync.matching.normalise import ACCENTS, APOSTROPHES, DASHES, STROKED, is_invisible

# Beside other differences only these are worth a word.
EASILY_MISSED = ("accents", "invisible characters")


def differing_traits(left: Key, right: Key) -> list[str]:
    """The traits in which keys of the same words differ."""
    return [
        name
        for name, trait in TRAITS.items()
        if any(trait(one) != trait(other) for one, other in zip(left, right, strict=True))
    ]


def missed_traits(left: str, right: str) -> list[str]:
    """Those of the differing traits that a reader of both texts would miss, wherever in them."""
    return [
        name for name in EASILY_MISSED if sorted(TRAITS[name](left)) != sorted(TRAITS[name](right))
    ]


def _leading(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _trailing(text: str) -> str:
    return text[len(text.rstrip()) :]


def _inner(text: str) -> str:
    return "|".join(re.findall(r"\s+", text.strip()))


def _only(kept: Container[str]) -> Callable[[str], str]:
    return lambda text: "".join(one for one in unicodedata.normalize("NFD", text) if one in kept)


def _invisible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return ""
    return "".join(filter(is_invisible, text))


def _punctuation(text: str) -> str:
    return "".join(one for one in text if _is_sign(one))


def _is_sign(character: str) -> bool:
    if character in APOSTROPHES or character in DASHES:
        return False
    return unicodedata.category(character)[0] in "PS"


def _compatible(text: str) -> str:
    """What Unicode has another form for, but for what the other traits are about."""
    if text.isascii():
        return ""
    return "".join(
        one
        for one in text
        if unicodedata.normalize("NFKD", one) != unicodedata.normalize("NFD", one)
        and not one.isspace()
        and one not in APOSTROPHES
        and one not in DASHES
    )


TRAITS: Mapping[str, Callable[[str], str]] = {
    "the leading space": _leading,
    "the trailing space": _trailing,
    "spaces between words": _inner,
    "accents": _only(ACCENTS),
    "apostrophes": _only(APOSTROPHES),
    "dashes": _only(DASHES),
    "punctuation": _punctuation,
    "invisible characters": _invisible,
    "letters with a stroke or joined": lambda text: "".join(
        one for one in text.casefold() if one in STROKED
    ),
    "compatibility forms of characters": _compatible,
}
