"""A set of records handed out by offset, in order of id, that may change between two requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field
from hypothesis import strategies as st

Change = tuple[str, int]
"""``("insert", n)`` puts record n in, ``("remove", n)`` takes it out, ``"nothing"`` neither."""

CHANGES = st.lists(
    st.tuples(st.sampled_from(["insert", "remove", "nothing", "nothing"]), st.integers(0, 40)),
    max_size=30,
)


def venue(number: int) -> dict[str, object]:
    """A venue's record, as far as the client looks."""
    name = f"Venue {number:06}"
    return {"id": f"V{number:06}", "name": name, "location": {"id": "L1", "name": "London"}}


def window(records: Sequence[object], first: int, offset: int) -> dict[str, Any]:
    """The part of the records a connection shows."""
    shown = records[offset : offset + min(first, 100)]
    return {
        "pageInfo": {"totalRecords": len(records), "hasNextPage": offset + first < len(records)},
        "edges": [{"node": record} for record in shown],
    }


@define
class ChangingSet:
    """Venues, of which one change happens before each request."""

    numbers: set[int]
    changes: list[Change] = field(factory=list)
    ever_present: set[str] = field(init=False)
    ordered: Callable[[Iterable[int]], list[int]] = sorted

    def __attrs_post_init__(self) -> None:
        self.watch()

    def watch(self) -> None:
        """Count from now on which records were there all along."""
        self.ever_present = {str(venue(number)["id"]) for number in self.numbers}

    def answer(self, _operation: str, variables: Mapping[str, Any]) -> dict[str, object]:
        """The data of an answer to Venues."""
        if self.changes:
            self._change(*self.changes.pop(0))
        shown = window(self.ordered(self.numbers), variables["first"], variables["offset"])
        for edge in shown["edges"]:
            edge["node"] = venue(edge["node"])
        return {"venues": shown}

    def _change(self, what: str, number: int) -> None:
        if what == "insert":
            self.numbers.add(number)
        elif what == "remove":
            self.numbers.discard(number)
            self.ever_present.discard(str(venue(number)["id"]))
