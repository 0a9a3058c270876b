"""The similarity of two names, in ten-thousandths.

It is the mean of four measures of the names with each form of a word as one, or, where people's
names agree word by word but for initials, nicknames and words left out, what that is worth. Each
measure alone misses a kind of difference (threes of characters short names, the plain ratio another
order of words, sorted words left-out ones, sets of words misspelt ones); their mean loses least on
any.
"""

from __future__ import annotations

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from sync.matching.forms import Vocabulary, formal_names
from sync.matching.keys import Rule
from sync.matching.neighbours import acronyms
from sync.matching.prepared import Prepared, conflict

FULL = 10_000
FORMS = 9_900
"""The most for names that differ, and what those are worth that differ in forms of words alone."""

FLOOR = 5_000
"""The score below which a pair is noise."""

ACRONYM = 8_800
CONTAINED = 8_600
ONE_WORD_CONTAINED = 7_000
_NICKNAME, _INITIAL, _LEFT_OUT, _MISSPELT = 300, 600, 700, 1_500
_MOST_LEFT_OUT, _SHORTEST_MISSPELT = 2, 4


def similarity(
    rule: Rule, vocabulary: Vocabulary, left: Prepared, right: Prepared, floor: int = 0
) -> int:
    """The likeness of two names: symmetric, and full only where the normal forms are equal.

    Below ``floor`` it may be given as 0, which saves the slowest measure.
    """
    if left.text == right.text:
        return FULL
    if rule.code:
        return FORMS if left.words == right.words else 0
    if conflict(left, right):
        return 0
    if left.by_word == right.by_word:
        return FORMS if left.words == right.words else FORMS - 100
    least = (
        person_agreement(left, right) if rule.person else place_agreement(vocabulary, left, right)
    )
    shared = len(set(left.grams).intersection(right.grams))
    so_far = 200 * shared / ((len(left.grams) + len(right.grams)) or 1)
    so_far += fuzz.ratio(left.line, right.line) + fuzz.ratio(left.by_word, right.by_word)
    if (so_far + 100) * 25 < max(floor, least):
        return least
    total = so_far + fuzz.token_set_ratio(left.line, right.line)
    return max(least, min(int(total * 25), FORMS - 200))


def person_agreement(left: Prepared, right: Prepared) -> int:
    """What agreement word by word is worth, but for initials, nicknames, words left out and one
    letter of one word; 0 where something else differs, or no whole word agrees."""
    ours, others = left.bag, right.bag
    shared = ours & others
    if not (
        left.initials
        or right.initials
        or len((ours | left.kin) & (others | right.kin)) > len(shared)
        or len(shared) in (len(ours), len(others))
    ):
        return 0
    mine, theirs = ours - shared, others - shared
    if len(mine) > len(theirs):
        mine, theirs = theirs, mine
    if len(theirs) > 4:
        return 0
    score = FORMS - 100
    rest = set(theirs)
    agreeing = [word for word in shared if len(word) > 1]
    misspelt = 0
    for word in sorted(mine, key=_shortest_last):
        cost, other = min(((_cost(word, one), one) for one in rest), default=(FULL, ""))
        misspelt += cost == _MISSPELT
        if cost == FULL or misspelt > 1:
            return 0
        if cost == _MISSPELT:
            agreeing.append(word)
        score -= cost
        rest.discard(other)
    if not agreeing or len(rest) > min(_MOST_LEFT_OUT, len(shared) + misspelt - 1):
        return 0
    return score - _LEFT_OUT * len(rest)


def _shortest_last(word: str) -> tuple[int, str]:
    return -len(word), word


def _cost(one: str, other: str) -> int:
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else FULL
    formal = formal_names()
    if other in formal.get(one, ()) or one in formal.get(other, ()):
        return _NICKNAME
    if formal.get(one, frozenset()) & formal.get(other, frozenset()):
        return _NICKNAME + 200
    if min(len(one), len(other)) < _SHORTEST_MISSPELT:
        return FULL
    return _MISSPELT if OSA.distance(one, other, score_cutoff=1) == 1 else FULL


def place_agreement(vocabulary: Vocabulary, left: Prepared, right: Prepared) -> int:
    """What an acronym of the whole name is worth, and a name that holds the other."""
    for short, long in ((left, right), (right, left)):
        if len(short.words) == 1 and short.spelt[0] in acronyms(long, vocabulary):
            return ACRONYM
        within, whole = short.bag, long.bag
        if within < whole:
            contained = CONTAINED if len(within) > 1 else ONE_WORD_CONTAINED
            return max(contained - 150 * len(whole - within), FLOOR)
    return 0
