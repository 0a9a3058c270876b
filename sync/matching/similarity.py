"""The similarity of two names, in ten-thousandths: the mean of four measures of their normal forms.

Each measure alone misses a kind of difference (3-grams short names, the plain ratio another order
of words, sorted words left-out ones, sets of words misspelt ones); their mean loses least on any.
"""

from __future__ import annotations

from attrs import frozen
from rapidfuzz import fuzz

from sync.matching.keys import Key, Rule
from sync.matching.normalise import normal

FULL = 10_000
INITIALS = 9_000


@frozen
class Form:
    """A record's key ready to be compared: the joined normal form and what the views need of it.

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
