"""Fetching a whole list: pages as they come, what broke a pass, and whether the list is complete.

A few threads request pages ahead; they are handed on in order. The caller takes one item at a time
from ``fetch_pages``; nothing is stored here but the ids' hashes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, Protocol

from attrs import field, frozen

from sync.administrate.client import Administrate, Answer
from sync.administrate.errors import AdministrateError
from sync.administrate.reads.listings import (
    Listing,
    Part,
    Record,
    Refusal,
    Slice,
    assemble,
    is_cut,
    nodes,
    read_slice,
    refused_of,
)
from sync.administrate.reads.passes import Pass, Progress, Shifted

LARGEST_PAGE = 100  # the API cuts a larger one without a word
SMALLEST_PAGE = 2  # each page but the first repeats the last record seen

Answers = tuple[Answer[Slice], ...]


class Seen(Protocol):
    """What a pass has seen so far: how many records, of how many."""

    @property
    def fetched(self) -> int: ...

    @property
    def total(self) -> int | None: ...


@frozen
class Page:
    """The records of a list from ``offset`` on that were not on an earlier page of the pass.

    ``ids`` are those of ``records`` and of the records ``refused``, which are not among them.
    ``answers`` are what they were read from: the page itself, whose body may begin with the
    last record of the page before, then those that made the records' own connections whole.
    """

    offset: int
    total: int
    ids: tuple[str, ...]
    records: tuple[Record, ...] = field(repr=False)
    answers: Answers = field(repr=False)
    refused: tuple[Refusal, ...] = ()


@frozen
class Restarted:
    """The set shifted: every page so far, resumed ones too, is void, and fetching begins anew."""

    why: str


@frozen
class Completeness:
    """The end: whether the pages since the last Restarted are the whole list, and if not, why.

    ``error`` is there where a call failed for good; the caller records it, and raises it.
    """

    complete: bool
    fetched: int
    total: int | None
    passes: int
    why: str = ""
    error: AdministrateError | None = None


@frozen
class Paging:
    """How a list is fetched: records a page (2 to 100), threads, passes over it at most."""

    page_size: int = LARGEST_PAGE
    workers: int = 4
    passes: int = 3

    @property
    def size(self) -> int:
        """The records a page, as the API takes them."""
        return min(max(self.page_size, SMALLEST_PAGE), LARGEST_PAGE)


def fetch_pages(
    client: Administrate,
    listing: Listing,
    variables: Mapping[str, Any] | None = None,
    paging: Paging = Paging(),
    progress: Progress | None = None,
) -> Iterator[Page | Restarted | Completeness]:
    """Pages of the list, in order; at the end always one Completeness.

    With ``progress`` it goes on behind the pages an earlier run has fetched. A set that shifts is
    fetched again, ``passes`` times at most; the pages of the last pass stand, as incomplete.
    """
    request = PageRequest(client, listing, variables or {}, paging.size)
    executor = ThreadPoolExecutor(paging.workers, thread_name_prefix=listing.operation.name)

    def begin(number: int) -> tuple[Pass, Iterator[Page]]:
        current = Pass()
        going_on = progress if number == 1 else None
        return current, _pages_of(current, request, executor, 2 * paging.workers, going_on)

    try:
        yield from in_passes(paging, begin)
    finally:
        executor.shutdown(cancel_futures=True)


def in_passes(
    paging: Paging, begin: Callable[[int], tuple[Seen, Iterator[Page]]]
) -> Iterator[Page | Restarted | Completeness]:
    """The pages of a pass that holds; ``begin`` gives what a pass has seen, and its pages."""
    for number in range(1, paging.passes + 1):
        seen, pages = begin(number)
        why, error = "", None
        try:
            yield from pages
        except Shifted as shift:
            why = str(shift)
            if number < paging.passes:
                yield Restarted(why)
                continue
        except AdministrateError as failure:
            why, error = str(failure), failure
        yield Completeness(not why, seen.fetched, seen.total, number, why, error)
        return


def all_pages(
    client: Administrate,
    listing: Listing,
    variables: Mapping[str, Any] | None = None,
    paging: Paging = Paging(),
) -> list[Page]:
    """The pages of a list small enough to hold; AdministrateError or Shifted where it has gaps."""
    pages: list[Page] = []
    for item in fetch_pages(client, listing, variables, paging):
        match item:
            case Page():
                pages.append(item)
            case Restarted():
                pages.clear()
            case Completeness(error=AdministrateError() as error):
                raise error
            case Completeness(complete=False):
                raise Shifted(f"{listing.operation.name}: {item.why}")
    return pages


def page_of(
    listing: Listing, answers: Answers, ids: tuple[str, ...], offset: int, total: int
) -> Page:
    """The records of these ids in the answers for a page."""
    parts = [Part.of(answer) for answer in answers]
    records = assemble(listing, ids, parts)
    return Page(offset, total, ids, records, answers, refused_of(listing, ids, parts))


def _pages_of(
    current: Pass,
    fetch: PageRequest,
    executor: ThreadPoolExecutor,
    ahead: int,
    progress: Progress | None,
) -> Iterator[Page]:
    """The pages of one pass; requests ahead are cancelled where one came short."""
    if progress is not None:
        current.resume(progress)
    waiting: deque[tuple[int, Future[Answers]]] = deque()

    def request(offset: int) -> None:
        # In the caller's context: what its thread's log lines are bound to, this one's are, too.
        waiting.append((offset, executor.submit(copy_context().run, fetch, offset)))

    try:
        request(current.offset)
        while waiting:
            answers = waiting.popleft()[1].result()
            part, before = answers[0].value, current.fetched
            ids = [fetch.listing.id_of(record) for record in part.records]
            fresh = tuple(current.accept(ids, part.total, more=part.more))
            if waiting and waiting[0][0] != current.offset:
                _cancel(waiting)
            if not waiting and not current.finished:
                request(current.offset)
            stride = max(1, len(ids) - 1)
            while waiting and len(waiting) < ahead and waiting[-1][0] + stride + 1 < part.total:
                request(waiting[-1][0] + stride)
            yield page_of(fetch.listing, answers, fresh, before, part.total)
    finally:
        _cancel(waiting)


def _cancel(waiting: deque[tuple[int, Future[Answers]]]) -> None:
    while waiting:
        waiting.pop()[1].cancel()


@frozen
class PageRequest:
    """Fetches what stands at an offset, with the whole of each record's own connections."""

    client: Administrate
    listing: Listing
    variables: Mapping[str, Any]
    page_size: int

    def __call__(self, offset: int) -> Answers:
        window = {"first": self.page_size, "offset": offset} if self.listing.paged else {}
        answer = self.client.call(
            self.listing.operation,
            {**self.variables, **window},
            partial(read_slice, self.listing),
            whole=False,
        )
        return (answer, *self._inner(self.listing, answer.value, answer.value.records))

    def _inner(
        self, listing: Listing, part: Slice, records: Iterable[Record]
    ) -> Iterator[Answer[Slice]]:
        for record in part.taken(listing, records):
            for name, whole in listing.nested.items():
                if is_cut(record, name):
                    yield from self._all_of(whole, listing.id_of(record))
                else:
                    yield from self._inner(whole, part, nodes(record, name))

    def _all_of(self, whole: Listing, owner: str) -> Answers:
        """Every answer of a record's own list; Shifted where it would not hold still."""
        pages = all_pages(self.client, whole, {"id": owner}, Paging(workers=1))
        return tuple(answer for page in pages for answer in page.answers)
