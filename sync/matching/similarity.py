"""The similarity of two names, in ten-thousandths, and the candidates of each name, best first.

Similarity is the mean of four measures of the normal forms. Each measure alone misses a kind of
difference (3-grams short names, the plain ratio another order of words, sorted words left-out ones,
sets of words misspelt ones); their mean loses least on any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from attrs import frozen
from rapidfuzz import fuzz

from sync.matching.keys import Key, Rule
from sync.matching.normalise import normal

FULL = 10_000
INITIALS = 9_000
FLOOR = 5_000
"""The score below which a pair is noise."""

SCORE_ALL = 2_000_000
"""The most pairs to score one by one; beyond, an index proposes a few."""

SHORTLIST = 24
POSTINGS_READ = 1_000
"""How many entries of the index one look-up reads, rarest grams first: bounds the time where a
thousand names share their every gram."""

Ranking = list[tuple[int, int]]
"""Pairs of a score and a position among the candidates, the best first, then by position."""


@frozen
class Form:
    """A record's key ready to be compared: the joined normal form, and its parts for the measures.

    The fields are joined, so that where a name is divided makes no difference.
    """

    text: str
    by_word: str
    grams: frozenset[str]
    has_initials: bool

    @classmethod
    def of(cls, rule: Rule, key: Key) -> Form:
        """The form of the raw fields; empty text where there is nothing to compare."""
        text = normal(" ".join(key))
        words = text.split()
        padded = f" {text} " if text else ""
        return cls(
            text=text,
            by_word=" ".join(sorted(words)),
            grams=frozenset(padded[start : start + 3] for start in range(len(padded) - 2)),
            has_initials=rule.person and any(len(word.strip(".")) == 1 for word in words),
        )


def similarity(left: Form, right: Form, floor: int = 0) -> int:
    """The likeness of two forms: symmetric, and full only where the texts are equal.

    Below ``floor`` it may be given as 0, which saves the slowest view.
    """
    if left.text == right.text:
        return FULL
    least = INITIALS if agree_but_for_initials(left, right) else 0
    shared = len(left.grams & right.grams)
    so_far = 200 * shared / ((len(left.grams) + len(right.grams)) or 1)
    so_far += fuzz.ratio(left.text, right.text) + fuzz.ratio(left.by_word, right.by_word)
    if (so_far + 100) * 25 < floor:
        return least
    total = so_far + fuzz.token_set_ratio(left.text, right.text)
    return max(least, min(int(total * 25), FULL - 1))


def agree_but_for_initials(left: Form, right: Form) -> bool:
    """Whether two people's names are the same word by word, initials standing for whole words.

    One whole word at least is shared.
    """
    if not (left.has_initials or right.has_initials):
        return False
    mine = [word.strip(".") for word in left.text.split()]
    theirs = [word.strip(".") for word in right.text.split()]
    if len(mine) != len(theirs):
        return False
    whole = False
    for one, other in zip(mine, theirs, strict=True):
        if one == other:
            whole = whole or len(one) > 1
        elif min(len(one), len(other)) != 1 or one[0] != other[0]:
            return False
    return whole


@frozen
class GramIndex:
    """The positions of the forms that hold each gram, ascending."""

    postings: dict[str, list[int]]

    @classmethod
    def of(cls, forms: Sequence[Form]) -> GramIndex:
        """The index of the forms, by their positions in the sequence."""
        postings: dict[str, list[int]] = {}
        for position, form in enumerate(forms):
            for gram in form.grams:
                postings.setdefault(gram, []).append(position)
        return cls(postings)

    def nearest(self, form: Form) -> list[int]:
        """Up to ``SHORTLIST`` positions that share most grams with the form, the rare ones read."""
        known = [(len(self.postings[gram]), gram) for gram in form.grams if gram in self.postings]
        shared: Counter[int] = Counter()
        left = POSTINGS_READ
        for length, gram in sorted(known):
            shared.update(self.postings[gram][:left])
            left -= length
            if left <= 0:
                break
        # Most share one gram or two by chance; sorting those would take longer than all the rest.
        least = max(shared.values(), default=0) / 3
        near = [(-count, position) for position, count in shared.items() if count >= least]
        return [position for _, position in sorted(near)[:SHORTLIST]]


def ranked(
    forms: Sequence[Form], candidates: Sequence[Form], score_all: int = SCORE_ALL
) -> Iterator[Ranking]:
    """For each form its ranking. One is held at a time, whatever the number of forms."""
    every = range(len(candidates))
    index = None
    if len(forms) * len(candidates) > score_all:
        index = GramIndex.of(candidates)
    for form in forms:
        positions = every if index is None else index.nearest(form)
        yield _ranking(form, candidates, positions)


def _ranking(form: Form, candidates: Sequence[Form], positions: Sequence[int]) -> Ranking:
    if not form.text:
        return []
    scored = (
        (similarity(form, candidates[position], FLOOR), position)
        for position in positions
        if candidates[position].text
    )
    return sorted((pair for pair in scored if pair[0] >= FLOOR), key=_best_first)


def _best_first(pair: tuple[int, int]) -> tuple[int, int]:
    return -pair[0], pair[1]
