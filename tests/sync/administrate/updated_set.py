"""Events handed out in the order of their last updates, edited between requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, field

from tests.sync.administrate.changing_set import window

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
# So many edits of one bulk have the same time.
Edits = Sequence[Sequence[int]]


def at(tick: int) -> str:
    """A time as the service writes it."""
    moment = _BEGINNING + timedelta(microseconds=tick)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event(number: int, tick: int, edition: int = 0) -> dict[str, Any]:
    """An event's record, as far as the client looks; its title says how often it was edited."""
    unset = (
        *("timeZonedLmsStart", "timeZonedLmsEnd", "registrationDeadline", "minPlaces"),
        *("maxPlaces", "isSoldOut", "courseTemplate", "location", "venue", "classroomStart"),
        "lmsStart",
    )
    return {
        **dict.fromkeys(unset),
        "id": f"E{number:06}",
        "legacyId": str(number),
        "code": "",
        "title": f"edition {edition}",
        "lifecycleState": "draft",
        "learningMode": "blended",
        "timeZoneName": "Europe/London",
        "customFieldValues": [],
        "updatedAt": at(tick),
        "staff": {"pageInfo": {"totalRecords": 0, "hasNextPage": False}, "edges": []},
    }


@define
class UpdatedSet:
    """Events by number, each with the time of its update; before each request one bulk of edits."""

    updated: dict[int, int]
    edits: list[Sequence[int]] = field(factory=list)
    editions: dict[int, int] = field(factory=dict)

    def answer(self, _operation: str, variables: Mapping[str, Any]) -> dict[str, object]:
        """The data of an answer to UpdatedEvents."""
        if self.edits:
            self.edit(self.edits.pop(0))
        wanted = [one["value"] for one in variables.get("filters", ())]
        since = max(wanted, default="")
        in_order = sorted((tick, number) for number, tick in self.updated.items())
        there = [one for one in in_order if at(one[0]) >= since]
        shown = window(there, variables["first"], variables["offset"])
        for edge in shown["edges"]:
            tick, number = edge["node"]
            edge["node"] = event(number, tick, self.editions.get(number, 0))
        return {"events": shown}

    def edit(self, numbers: Sequence[int]) -> None:
        """Edits events at once: all get one new time, later than any other."""
        now = max(self.updated.values(), default=0) + 1
        for number in set(numbers) & self.updated.keys():
            self.updated[number] = now
            self.editions[number] = self.editions.get(number, 0) + 1

    @property
    def titles(self) -> dict[str, str]:
        """The titles of all events as they are now, by id."""
        there = (event(one, 0, self.editions.get(one, 0)) for one in self.updated)
        return {one["id"]: one["title"] for one in there}
