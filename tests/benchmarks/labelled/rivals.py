"""What suggestions are held against: ``rapidfuzz`` alone, and n-grams of characters."""

from __future__ import annotations

import random
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

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
    """The five best by the cosine of 3-grams, weighted by rarity; none without scikit-learn."""
    if find_spec("sklearn") is None:
        return {}
    text = import_module("sklearn.feature_extraction.text")
    vectors = text.TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3))
    known = vectors.fit_transform([_text(one) or "-" for one in others])
    scores = (vectors.transform([_text(one) for one in records]) @ known.T).toarray()
    return {
        one.id: [others[at].id for at in row.argsort(kind="stable")[::-1][:5] if row[at] > 0]
        for one, row in zip(records, scores, strict=True)
    }


def found_at(labelled: Labelled, ranked: Ranked, rank: int) -> float:
    """Which share of the records finds a partner among the first so many."""
    hits = [bool(labelled.true[named] & set(best[:rank])) for named, best in ranked.items()]
    return sum(hits) / (len(hits) or 1)


def _text(record: Record) -> str:
    return normal(" ".join(record.key))
