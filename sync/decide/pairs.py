"""The linked pairs of a sync, to be compared with each other."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from sync.decide.links import LiveRow
from sync.matching.match import Matching


@frozen
class LinkedPair:
    """A bridge row, by its primary key and its key, and the tutorial record linked with it."""

    row_id: int
    key: str
    tutorial_id: int


def linked_pairs(live: Iterable[LiveRow], matching: Matching | None) -> tuple[LinkedPair, ...]:
    """The pairs after the links are decided, of the rows that took part."""
    if matching is None:
        return ()
    links = {link.administrate: int(link.tutorial) for link in matching.links}
    return tuple(
        LinkedPair(one.row.row_id, one.row.key, links[one.row.key])
        for one in live
        if one.row.key in links
    )
