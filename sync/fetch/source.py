"""What is fetched of an entity: its lists, and what becomes of a record of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from sync.administrate.reads.listings import Listing, Record, Refusal
from sync.entity import Lookups, Observed, Skipped


@frozen(eq=False)
class Part:
    """One list of an entity; most have one. ``name`` distinguishes several."""

    listing: Listing
    name: str = ""
    variables: Mapping[str, Any] = field(factory=dict)


def _refuse(refusal: Refusal, _part: Part, _lookups: Lookups) -> Skipped:
    return Skipped(refusal.id, refusal.why)


@frozen(eq=False)
class Source:
    """The lists of an entity. ``observe`` turns a record and its part into bridge rows; ``refuse``
    names the rows of a refused record."""

    parts: tuple[Part, ...]
    observe: Callable[[Record, Part, Lookups], Sequence[Observed | Skipped]]
    refuse: Callable[[Refusal, Part, Lookups], Skipped] = _refuse
