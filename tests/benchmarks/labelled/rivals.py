"""What suggestions are held against: ``rapidfuzz`` alone, and n-grams of characters."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from heapq import nlargest
from math import log, sqrt

from attrs import Factory, define
from rapidfuzz import fuzz, process

from sync.matching.keys import Id, Record
from sync.matching.normalise import normal
from tests.benchmarks.labelled.pairs import Labelled

_SAMPLE = 400
Ranked = dict[Id, list[Id]]


def sample(records: Sequence[Record]) -> list[Record]:
    """Some of many records, for what takes long."""
    if len(records) <= _SAMPLE:
        return list(records)
    return random.Random(1).sample(list(records), _SAMPLE)  # noqa: S311 - no secrecy


def by_wratio(records: Sequence[Record], others: Sequence[Record]) -> Ranked:
    """The five best by WRatio."""
    names = [_text(one) for one in others]
    return {
        one.id: [
            others[at].id
            for _, _, at in process.extract(_text(one), names, scorer=fuzz.WRatio, limit=5)
        ]
        for one in records
    }


def by_ngrams(records: Sequence[Record], others: Sequence[Record]) -> Ranked:
    """The five best by the cosine of 3-grams of the words, weighted by rarity."""
    index = _Grams.of([_text(one) for one in others])
    return {one.id: [others[at].id for at in index.nearest(_text(one), 5)] for one in records}


@define
class _Grams:
    """The names that hold each 3-gram, with its share of their length as vectors."""

    rarity: dict[str, float]
    entries: dict[str, list[tuple[int, float]]] = Factory(lambda: defaultdict(list))

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Grams:
        counted = [_grams(text) for text in texts]
        names: Counter[str] = Counter()
        for grams in counted:
            names.update(grams.keys())
        # As Salton and Buckley weigh terms, the counts smoothed.
        many = 1 + len(texts)
        found = cls({gram: 1 + log(many / (1 + count)) for gram, count in names.items()})
        for at, grams in enumerate(counted):
            for gram, weight in found.weighted(grams).items():
                found.entries[gram].append((at, weight))
        return found

    def weighted(self, grams: Counter[str]) -> dict[str, float]:
        """The vector of a name, of length 1."""
        weights = {
            gram: count * self.rarity[gram] for gram, count in grams.items() if gram in self.rarity
        }
        length = sqrt(sum(weight * weight for weight in weights.values()))
        return {gram: weight / length for gram, weight in weights.items()}

    def nearest(self, text: str, most: int) -> list[int]:
        """The positions of so many names, the nearest first."""
        scores: defaultdict[int, float] = defaultdict(float)
        for gram, weight in self.weighted(_grams(text)).items():
            for at, other in self.entries[gram]:
                scores[at] += weight * other
        return nlargest(most, scores, key=lambda at: (scores[at], at))


def _grams(text: str) -> Counter[str]:
    padded = [f" {word} " for word in text.split()]
    return Counter(word[at : at + 3] for word in padded for at in range(len(word) - 2))


def found_at(labelled: Labelled, ranked: Ranked, rank: int) -> float:
    """Which share of the records finds a partner among the first so many."""
    hits = [bool(labelled.true[named] & set(best[:rank])) for named, best in ranked.items()]
    return sum(hits) / (len(hits) or 1)


def _text(record: Record) -> str:
    return normal(" ".join(record.key))
