"""A record's key prepared for comparison: its words, each form of a word as one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import zip_longest
from sys import intern

from attrs import frozen

from sync.matching.forms import Forms, Vocabulary, formal_names
from sync.matching.keys import Key, Rule
from sync.matching.normalise import APOSTROPHES, normal

LONGEST = 300
"""Characters of a name that are compared; only equality reads on."""

_BETWEEN = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_NO_APOSTROPHES = {ord(one): "" for one in APOSTROPHES}


class _Signs(dict[int, str]):
    """A space for each sign of punctuation, computed on first use."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        sign = unicodedata.category(character)[0] in "PS"
        self[code] = found = " " if sign else character
        return found


_SIGNS = _Signs({ord("&"): " and ", ord("+"): " and "})


@frozen
class Prepared:
    """A key ready to be compared.

    ``text`` is the joined normal form, so that where a name is divided makes no difference.
    ``spelt`` are its words without punctuation, ``words`` the same without titles, each form of a
    word as one, ``kin`` the formal first names of nicknames among them, ``grams`` the threes of
    characters, ``numbers`` what is counted, ``marks`` what tells things of one name apart: letters
    of rooms and words like north and south, by their group.

    There are as many as records, so equal parts are one object, and no set is kept.
    """

    text: str
    spelt: tuple[str, ...]
    words: tuple[str, ...]
    line: str
    by_word: str
    kin: frozenset[str]
    grams: tuple[str, ...]
    numbers: tuple[str, ...]
    marks: tuple[tuple[int, str], ...]
    initials: bool

    @classmethod
    def of(cls, rule: Rule, key: Key, forms: Forms) -> Prepared:
        """The raw fields prepared; empty text where there is nothing to compare."""
        vocabulary = forms.people if rule.person else forms.places
        whole = " ".join(key)
        text = normal(whole)
        spelt = _spelt(whole, vocabulary, rule) if text else ()
        standing_for = {} if rule.code else vocabulary.standing_for
        words = tuple([standing_for.get(word, word) for word in spelt])
        words = tuple([word.lstrip("0") or "0" if word.isdigit() else word for word in words])
        if vocabulary.titles:
            words = tuple([one for one in words if one not in vocabulary.titles]) or words
        line = " ".join(words) or text[:LONGEST]
        by_word = " ".join(sorted(words))
        return cls(
            text=text,
            spelt=spelt,
            words=spelt if words == spelt else words,
            line=text if line == text else line,
            by_word=line if by_word == line else by_word,
            kin=_kin(words) if rule.person else _NO_KIN,
            grams=grams(line),
            numbers=tuple(sorted(word for word in words if word.isdigit())),
            marks=() if rule.person else _marks(words, vocabulary),
            initials=rule.person and any(len(word) == 1 for word in words),
        )

    @property
    def bag(self) -> frozenset[str]:
        """The words, whatever their order."""
        return frozenset(self.words)


_NO_KIN: frozenset[str] = frozenset()


def grams(line: str) -> tuple[str, ...]:
    """The overlapping threes of characters, each once, the edges with a space."""
    padded = f" {line} " if line else ""
    return tuple({intern(padded[start : start + 3]) for start in range(len(padded) - 2)})


def conflict(left: Prepared, right: Prepared) -> bool:
    """Whether the two name different things of one kind: other numbers, other letters, north and
    south."""
    if left.numbers != right.numbers and left.numbers and right.numbers:
        mine, theirs = Counter(left.numbers), Counter(right.numbers)
        if not (mine <= theirs or theirs <= mine):
            return True
    if left.marks == right.marks or not left.marks or not right.marks:
        return False
    mine_only, theirs_only = set(left.marks) - set(right.marks), set(right.marks) - set(left.marks)
    return bool({group for group, _ in mine_only} & {group for group, _ in theirs_only})


def _kin(words: tuple[str, ...]) -> frozenset[str]:
    formal = formal_names()
    return _NO_KIN.union(*[formal[word] for word in words if word in formal])


def _spelt(whole: str, vocabulary: Vocabulary, rule: Rule) -> tuple[str, ...]:
    folded = normal(whole[: 2 * LONGEST].casefold().translate(_NO_APOSTROPHES))
    if not folded.replace(" ", "").isalpha():
        if not rule.person:
            folded = _DOTTED.sub(lambda found: found[0].replace(".", ""), folded)
        folded = _BETWEEN.sub(" ", _ORDINAL.sub(r"\1", folded.translate(_SIGNS)))
    found = list(map(intern, folded[:LONGEST].split()))
    if rule.code:
        return tuple(re.findall(r"\d+|\D+", "".join(_apart(found))))
    return tuple(
        [
            word
            for word, after in zip_longest(found, found[1:], fillvalue="")
            if not (word in vocabulary.number_signs and after.isdigit())
        ]
    )


def _apart(words: list[str]) -> list[str]:
    """Separators between letters do not count; those between numbers do."""
    return [
        f" {word}" if word.isdigit() and before.isdigit() else word
        for before, word in zip(("", *words), words, strict=False)
    ]


def _marks(words: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[int, str], ...]:
    contrasts = vocabulary.contrasts
    marks = {(contrasts[word], word) for word in words if word in contrasts}
    # "A" may be an article, at the beginning.
    marks |= {(-1, word) for word in words[1:] if len(word) == 1 and word.isalpha()}
    return tuple(sorted(marks))
