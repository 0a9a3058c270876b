"""An inverted index of 3-grams: a short list of forms worth scoring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import frozen

from sync.matching.similarity import Form

SHORTLIST = 24
POSTINGS_READ = 1_000
"""How many entries of the index one look-up reads, rarest grams first: bounds the time where a
thousand names share their every gram."""


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
