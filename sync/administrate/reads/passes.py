"""One pass over a set handed out by offset, which may change meanwhile: does the next part fit?

Every request but the first begins one record early, at the last one seen. That record must come
back first: then what follows it follows without a gap, and, in a fixed order, no record that was
there all along is missed, whatever else came or went. The totals and the ids are compared as well,
for a server that does not keep the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen


class Shifted(Exception):
    """The set changed under the pass, or the server contradicts itself; the message says how."""


@frozen
class Progress:
    """How far an earlier run got: the set's total as it was, and the ids fetched, in order."""

    total: int
    ids: Iterable[str]


class Pass:
    """What one pass has seen. Of each id it keeps only a hash: a set may hold a million.

    Two ids with one 64-bit hash would look like a repetition, never the other way round.
    """

    def __init__(self) -> None:
        self.total: int | None = None
        self._seen: set[int] = set()
        self._last: str | None = None

    @property
    def fetched(self) -> int:
        """The number of records seen."""
        return len(self._seen)

    @property
    def offset(self) -> int:
        """Where the next request must begin."""
        return max(0, self.fetched - 1)

    @property
    def finished(self) -> bool:
        """Whether every record of the set has been seen."""
        return self.fetched == self.total

    def resume(self, progress: Progress) -> None:
        """Go on behind what an earlier run has fetched; before the first ``accept``."""
        self.total = progress.total
        for record_id in progress.ids:
            self._add([record_id])

    def accept(self, ids: Sequence[str], total: int, *, more: bool) -> Sequence[str]:
        """The new ids of the part that begins at ``offset``; Shifted where it does not fit."""
        if self.total is not None and total != self.total:
            raise Shifted(f"there were {self.total} records, now there are {total}")
        self.total = total
        if self._last is not None:
            if not ids or ids[0] != self._last:
                raise Shifted(f"record {self.fetched} is no longer where it was")
            ids = ids[1:]
        fetched = self.fetched + len(ids)
        if fetched > total or more != (fetched < total):
            says = "more" if more else "no more"
            raise Shifted(f"{fetched} of {total} records seen, and {says} are said to follow")
        if more and not ids:
            raise Shifted(f"nothing new came after record {fetched} of {total}")
        self._add(ids)
        return ids

    def _add(self, ids: Sequence[str]) -> None:
        new = {hash(record_id) for record_id in ids}
        if len(new) < len(ids) or not self._seen.isdisjoint(new):
            raise Shifted("a record came twice")
        self._seen |= new
        self._last = ids[-1] if ids else self._last
