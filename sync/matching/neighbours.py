"""Proposes the few names of the other side that a name is worth comparing with.

One index for any number of names: of whole words, of words with one letter left out (two words that
differ in a letter share one), of the formal names of nicknames, of acronyms and of threes of
characters. A look-up reads the rarest keys first and never more than so many entries, so the cost
grows evenly, whatever the names.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from zlib import crc32

from attrs import frozen

from sync.matching.forms import Vocabulary
from sync.matching.keys import Rule
from sync.matching.prepared import Prepared

SHORTLIST = 8
ENTRIES_READ = 60
"""How many entries of the index one look-up reads: bounds the time where a thousand names share
their every word."""

_RARE, _RAREST = 60, 12
_SHORTEST_MISSPELT, _LONGEST_WORD = 3, 14
_NAMES = 3
_ACRONYM = range(3, 9)


@frozen
class _Index:
    """The positions of the names that hold each key, ascending; keys are numbers, rare ones
    first."""

    entries: list[list[int]]

    @classmethod
    def of(cls, names: Sequence[Sequence[int]], keys: int) -> _Index:
        """The index of names by their keys, at their positions in the sequence."""
        entries: list[list[int]] = [[] for _ in range(keys)]
        for position, name in enumerate(names):
            for key in name:
                entries[key].append(position)
        return cls(entries)

    def nearest(self, name: Sequence[int]) -> list[int]:
        """Up to ``SHORTLIST`` positions that share most keys, rare ones counting for more."""
        read: list[int] = []
        left = ENTRIES_READ
        for key in name:
            found = self.entries[key]
            length = len(found)
            # The rare ones count again, which costs little where there are few.
            if length > left:
                read += found[:left]
                break
            read += found if length > _RARE else found * (3 if length > _RAREST else 5)
            left -= length
        shared = Counter(read)
        # Most share one key or two by chance; sorting those would take longer than all the rest.
        least = max(shared.values(), default=0) / 3
        near = sorted([(-count, at) for at, count in shared.items() if count >= least])
        return [position for _, position in near[:SHORTLIST]]


def neighbours(
    left: Iterable[frozenset[str]], right: Iterable[frozenset[str]]
) -> Iterator[tuple[int, int]]:
    """The pairs of positions where one is near the other, seen from either; each once."""
    mine, theirs, keys = _numbered(left, right)
    shortlists = []
    index = _Index.of(theirs, keys)
    for here, name in enumerate(mine):
        near = index.nearest(name)
        shortlists.append(array("I", near))
        for there in near:
            yield here, there
    del index  # before there is another: each is as large as all names
    index = _Index.of(mine, keys)
    for there, name in enumerate(theirs):
        for here in index.nearest(name):
            if there not in shortlists[here]:
                yield here, there


def _numbered(
    left: Iterable[frozenset[str]], right: Iterable[frozenset[str]]
) -> tuple[list[array[int]], list[array[int]], int]:
    """Each name's keys as numbers, the rarest first, and how many there are. A key that is there
    once, as most of a misspelt word's are, finds nothing and is left out."""
    # The texts would take most of the memory; two that share a checksum cost a look in vain.
    codes = [
        [array("I", [crc32(key.encode("utf-8", "surrogatepass")) for key in keys]) for keys in side]
        for side in (left, right)
    ]
    counts: Counter[int] = Counter()
    for name in chain(*codes):
        counts.update(name)
    # One number for both, since pairs would take three times the memory.
    shared = sorted([count << 32 | code for code, count in counts.items() if count > 1])
    del counts
    numbers = {each & 0xFFFFFFFF: number for number, each in enumerate(shared)}
    for side in codes:
        for at, name in enumerate(side):
            side[at] = array("I", sorted([numbers[code] for code in name if code in numbers]))
    return codes[0], codes[1], len(shared)


def keys_of(rule: Rule, name: Prepared, vocabulary: Vocabulary) -> frozenset[str]:
    """What a name is found by. Whole words and their like end in "=", unlike threes of characters;
    a code is found as a whole alone."""
    if rule.code:
        return frozenset([f"{name.line}="])
    keys = set(name.grams)
    words = name.words
    for word in words:
        ended = f"{word[:_LONGEST_WORD]}="
        keys.add(ended)
        if len(word) < _SHORTEST_MISSPELT or word.isdigit():
            continue
        misspelt = [ended[:at] + ended[at + 1 :] for at in range(len(ended) - 1)]
        if 1 < len(words) <= _NAMES and rule.person:
            misspelt.append(ended)
            # With the first letter of another of the names, which makes them rare.
            beginnings = {other[0] for other in words if other is not word}
            keys.update([one + letter for letter in beginnings for one in misspelt])
            keys.update([ended + formal[0] for formal in name.kin])
        else:
            keys.update(misspelt)
    keys.update([f"{one}{other}=" for one, other in pairwise(words)])
    if rule.person:
        keys.update([f"{one}=" for one in name.kin])
    else:
        keys.update([f"{acronym}=" for acronym in acronyms(name, vocabulary)])
    return frozenset(keys)


def acronyms(name: Prepared, vocabulary: Vocabulary) -> set[str]:
    """The first letters of all words, and of those that are no fillers."""
    whole = "".join([word[0] for word in name.spelt])
    telling = "".join([word[0] for word in name.spelt if word not in vocabulary.fillers])
    return {one for one in (whole, telling) if len(one) in _ACRONYM}
