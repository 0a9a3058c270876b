"""What is fetched of an entity: its lists, and what becomes of a record of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from ledger.values import Value
from sync.administrate.reads.listings import Listing, Record, Refusal
from sync.entity import Lookups, Observed, Skipped

# The part of events that are not over.
CURRENT = "current"


@frozen(eq=False)
class Part:
    """One list of an entity; most have one. ``name`` distinguishes several.

    Of a list in the order of its records' updates, ``since`` is the time from which on it is read,
    and ``whole`` the list to read instead where Administrate does not offer that order.
    """

    listing: Listing
    name: str = ""
    variables: Mapping[str, Any] = field(factory=dict)
    since: str = ""
    whole: Part | None = None


@frozen
class Window:
    """Which of an entity's records a sync asks for, beside those that are current.

    ``ids`` are the Administrate ids to ask for, and ``covered`` what the rows that those cover have
    in the entity's column for it. ``since`` is the local time from which on an event's end makes it
    current; of the current ones, those updated from ``updated_since`` on are asked for, or all.
    ``every``: all records, whenever they end. ``again``: those of these ids alone, which were asked
    for before. ``with_sessions``: events together with their sessions, where it costs no call.
    """

    ids: tuple[str, ...] = ()
    covered: frozenset[Value] = frozenset()
    since: str = ""
    updated_since: str = ""
    every: bool = False
    again: bool = False
    with_sessions: bool = False


PartsOf: TypeAlias = Callable[[Window], tuple[Part, ...]]


def _refuse(refusal: Refusal, _part: Part, _lookups: Lookups) -> Skipped:
    return Skipped(refusal.id, refusal.why)


@frozen(eq=False)
class Source:
    """The lists of an entity. ``observe`` turns a record and its part into bridge rows; ``refuse``
    names the rows of a refused record.

    Of a windowed entity the lists depend on the window: ``parts`` is then the one that its
    records are on, whatever asks for them, and ``of_window`` gives the lists to fetch.
    """

    parts: tuple[Part, ...]
    observe: Callable[[Record, Part, Lookups], Sequence[Observed | Skipped]]
    refuse: Callable[[Refusal, Part, Lookups], Skipped] = _refuse
    of_window: PartsOf | None = None

    def parts_for(self, window: Window) -> tuple[Part, ...]:
        """The lists to fetch."""
        return self.parts if self.of_window is None else self.of_window(window)

    def parts_named(self, names: Iterable[str]) -> Iterator[Part]:
        """The lists of these names, as they were fetched once."""
        if self.of_window is None:
            wanted = set(names)
            yield from (part for part in self.parts if part.name in wanted)
            return
        for name in names:
            yield evolve(self.parts[0], name=name)
