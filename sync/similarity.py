"""How alike two names are, in whole ten-thousandths: the mean of four views of their normal forms.

Each view alone misses a kind of difference (3-grams short names, the plain ratio another order of
words, sorted words left-out ones, sets of words misspelt ones); their mean loses least on any.
"""

from __future__ import annotations

from attrs import frozen
from rapidfuzz import fuzz

from sync.keys import Key
from sync.normalise import normal

FULL = 10_000


@frozen
class Form:
    """A record's key ready to be compared: the joined normal form and what the views need of it.

    The fields are joined, so that where a name is divided makes no difference.
    """

    text: str
    by_word: str
    grams: frozenset[str]

    @classmethod
    def of(cls, key: Key) -> Form:
        """The form of the raw fields; empty text where there is nothing to compare."""
        text = normal(" ".join(key))
        padded = f" {text} "
        grams = frozenset(padded[start : start + 3] for start in range(len(padded) - 2))
        return cls(text, " ".join(sorted(text.split())), grams if text else frozenset())


def similarity(left: Form, right: Form, floor: int = 0) -> int:
    """The likeness of two forms: symmetric, and full only where the texts are equal.

    Below ``floor`` it may be given as 0, which saves the slowest view.
    """
    if left.text == right.text:
        return FULL
    shared = len(left.grams & right.grams)
    so_far = 200 * shared / ((len(left.grams) + len(right.grams)) or 1)
    so_far += fuzz.ratio(left.text, right.text) + fuzz.ratio(left.by_word, right.by_word)
    if (so_far + 100) * 25 < floor:
        return 0
    total = so_far + fuzz.token_set_ratio(left.text, right.text)
    return min(int(total * 25), FULL - 1)
