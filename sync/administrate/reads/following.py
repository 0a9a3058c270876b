"""Following a list in the order of its records' last updates, so that no edit is passed over.

Each page begins with the time that the one before ended with. A record that is edited meanwhile
moves to the end, and comes once more as it is then. Among records of one and the same time an
offset counts, and the first record must be the last one seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import define, evolve, field

from sync.administrate.client import Administrate
from sync.administrate.reads.listings import Listing, Record, Slice
from sync.administrate.reads.pages import (
    Answers,
    Completeness,
    Page,
    PageRequest,
    Paging,
    Restarted,
    in_passes,
    page_of,
)
from sync.administrate.reads.passes import Shifted
from sync.administrate.reads.queries import Filter, narrowed


def follow_pages(
    client: Administrate,
    listing: Listing,
    variables: Mapping[str, Any],
    paging: Paging,
    since: str = "",
    before: Iterable[Record] = (),
) -> Iterator[Page | Restarted | Completeness]:
    """Pages of what was updated ``since`` a time, or of all; at the end always one Completeness.

    It goes on behind the records that an earlier run has fetched ``before``.
    """
    request = PageRequest(client, listing, variables, paging.size)

    def begin(number: int) -> tuple[_Followed, Iterator[Page]]:
        followed = _Followed(request, since)
        return followed, followed.pages(before if number == 1 else ())

    return in_passes(paging, begin)


def updated_since(listing: Listing, variables: Mapping[str, Any], since: str) -> Mapping[str, Any]:
    """The variables of the list's records that were updated since a time."""
    return narrowed(variables, Filter(listing.in_order_of, "ge", since))


def updated_at(listing: Listing, record: Record) -> datetime | None:
    """When a record was updated last; ``None`` where a refused one does not say so."""
    return moment(record.get(listing.in_order_of))


def moment(given: object) -> datetime | None:
    """The time in an answer; ``None`` where it is none."""
    try:
        found = datetime.fromisoformat(str(given))
    except ValueError:
        return None
    return None if found.tzinfo is None else found


def latest(one: str, other: str) -> str:
    """The later of two times as answers say them; an empty one is none."""
    at, then = moment(one), moment(other)
    return other if at is None or (then is not None and then > at) else one


@define
class _Followed:
    """One pass: hashes of the records seen, each with the time of its update, and where it is."""

    request: PageRequest
    since: str
    offset: int = 0
    last: str = ""
    began_again: str | None = None
    _seen: set[int] = field(factory=set)

    @property
    def fetched(self) -> int:
        return len(self._seen)

    @property
    def total(self) -> int:
        return len(self._seen)

    def pages(self, before: Iterable[Record]) -> Iterator[Page]:
        stored = list(before)
        self._accept(stored)
        self._reach(self._times(stored))
        more = True
        while more:
            answers = self._request()
            part = answers[0].value
            if self._moved(part.records):
                continue
            earlier = self.fetched
            fresh = self._accept(part.records)
            known = len(part.records) - len(fresh)
            left = max(part.total - self.offset - known, len(fresh))
            more = part.more
            yield page_of(self.request.listing, answers, fresh, earlier, earlier + left)
            if more:
                self._go_on(part)

    def _request(self) -> Answers:
        variables = self.request.variables
        if self.since:
            variables = updated_since(self.request.listing, variables, self.since)
        return evolve(self.request, variables=variables)(self.offset)

    def _moved(self, records: tuple[Record, ...]) -> bool:
        """Whether a record of this time was edited meanwhile: then the time is begun again."""
        first = self.request.listing.id_of(records[0]) if records else ""
        if not self.offset or first == self.last:
            return False
        if self.began_again == self.since:
            raise Shifted(f"the records of {self.since} keep changing places")
        self.began_again, self.offset = self.since, 0
        return True

    def _accept(self, records: Iterable[Record]) -> tuple[str, ...]:
        """The ids of those not seen before as they are now."""
        fresh: dict[str, None] = {}
        for record in records:
            record_id = self.request.listing.id_of(record)
            version = hash((record_id, updated_at(self.request.listing, record)))
            if version not in self._seen:
                self._seen.add(version)
                fresh[record_id] = None
        return tuple(fresh)

    def _go_on(self, part: Slice) -> None:
        """Puts the next request where this page ended."""
        times = self._times(part.records)
        if times != sorted(times, key=_first):
            name = self.request.listing.in_order_of
            raise Shifted(f"the records are not in the order of their {name}")
        if not self._reach(times):
            if len(part.records) < 2:
                raise Shifted(f"more is said to follow {self.since}, and nothing new comes")
            self.offset += len(part.records) - 1
        self.last = self.request.listing.id_of(part.records[-1])

    def _reach(self, times: list[tuple[datetime, str]]) -> bool:
        """Moves on to the latest of these times; whether it is later."""
        since = moment(self.since)
        at, said = max(times, key=_first, default=(since, self.since))
        if at is None or (since is not None and at <= since):
            return False
        self.since, self.offset = said, 0
        return True

    def _times(self, records: Iterable[Record]) -> list[tuple[datetime, str]]:
        """The times of the records that say one, with their texts."""
        said = ((one, str(one.get(self.request.listing.in_order_of))) for one in records)
        return [
            (at, text)
            for one, text in said
            if (at := updated_at(self.request.listing, one)) is not None
        ]


def _first(pair: tuple[datetime, str]) -> datetime:
    return pair[0]
