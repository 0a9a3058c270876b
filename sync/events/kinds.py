"""What kinds of values a compared field has: how each side stores one, and what it means there.

A value is compared as plain JSON: an instant as UTC text, a day as ISO text, a person or a place as
an id. Blank text is no text; a flag that is not set is false.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from ledger.values import Value
from ledger.zones import midnight, moments_meant

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TRUE = frozenset({"true", "y", "yes", "1"})


class Untranslatable(ValueError):
    """A value that the other side has no value for; the message says why."""


@frozen
class Translation:
    """What values of one side are on the other: the zone that local times are in, and the linked
    ids, by the bridge table that links them."""

    zone: ZoneInfo
    tutorial: Mapping[str, Mapping[str, int]] = field(factory=dict, repr=False)
    administrate: Mapping[str, Mapping[int, str]] = field(factory=dict, repr=False)


@frozen
class Kind:
    """A text, and what other kinds do otherwise."""

    def of_administrate(self, raw: Any) -> Value:
        """Administrate's value as it is compared."""
        return str(raw).strip() or None if raw is not None else None

    def of_tutorial(self, raw: Any) -> Value:
        """A column's value as it is compared."""
        if isinstance(raw, datetime):
            return _utc(raw)
        if isinstance(raw, date):
            return raw.isoformat()
        return raw.strip() or None if isinstance(raw, str) else raw

    def in_tutorial(self, value: Value, by: Translation, *, day: bool = False) -> Value:
        """Administrate's value as a column holds it; ``day``: a column of days. Raises
        ``Untranslatable``."""
        return value

    def in_administrate(self, value: Value, by: Translation) -> Value:
        """A column's value as Administrate holds it. Raises ``Untranslatable``."""
        return value


@frozen
class Word(Kind):
    """A word of Administrate's vocabulary, which the tutorial tables may spell in capitals."""

    def of_administrate(self, raw: Any) -> Value:
        return None if raw is None else str(raw).lower()

    def of_tutorial(self, raw: Any) -> Value:
        return None if not raw else str(raw).lower()


@frozen
class Number(Kind):
    """A whole number."""

    def of_administrate(self, raw: Any) -> Value:
        return None if raw is None else int(raw)


@frozen
class Flag(Kind):
    """Yes or no; a custom field says it in words."""

    def of_administrate(self, raw: Any) -> Value:
        return raw if isinstance(raw, bool) else str(raw or "").strip().lower() in _TRUE

    def of_tutorial(self, raw: Any) -> Value:
        return bool(raw)


@frozen
class Cancelled(Flag):
    """Whether the lifecycle state is that of a cancelled record."""

    def of_administrate(self, raw: Any) -> Value:
        return bool(raw == "cancelled")


@frozen
class Instant(Kind):
    """A point in time with an offset; some tutorial tables hold its day alone."""

    def of_administrate(self, raw: Any) -> Value:
        return None if raw is None else _utc(datetime.fromisoformat(raw))

    def in_tutorial(self, value: Value, by: Translation, *, day: bool = False) -> Value:
        if value is None or not day:
            return value
        return datetime.fromisoformat(str(value)).astimezone(by.zone).date().isoformat()

    def in_administrate(self, value: Value, by: Translation) -> Value:
        if value is not None and _DAY.fullmatch(str(value)):
            raise Untranslatable("the tutorial table holds the day alone")
        return value


@frozen
class LocalTime(Kind):
    """A local time in the event's zone, without an offset."""

    def of_administrate(self, raw: Any) -> Value:
        return None if raw is None else datetime.fromisoformat(raw).isoformat()

    def in_tutorial(self, value: Value, by: Translation, *, day: bool = False) -> Value:
        if value is None:
            return None
        local = datetime.fromisoformat(str(value))
        if day:
            return local.date().isoformat()
        meant = moments_meant(local, by.zone)
        if len(meant) != 1:
            raise Untranslatable("the clocks change then, and it means no one moment")
        return _utc(meant[0])

    def in_administrate(self, value: Value, by: Translation) -> Value:
        if value is None or _DAY.fullmatch(str(value)):
            return None if value is None else f"{value}T00:00:00"
        moment = datetime.fromisoformat(str(value)).astimezone(by.zone)
        return moment.replace(tzinfo=None).isoformat()


@frozen
class Day(Kind):
    """A day of a custom field; some tutorial tables hold it as its midnight."""

    def of_administrate(self, raw: Any) -> Value:
        text = Kind.of_administrate(self, raw)
        found = _DAY.match(text) if isinstance(text, str) else None
        return found[0] if found else text

    def in_tutorial(self, value: Value, by: Translation, *, day: bool = False) -> Value:
        if value is None:
            return None
        try:
            meant = date.fromisoformat(str(value))
        except ValueError:
            raise Untranslatable("it is no date") from None
        return meant.isoformat() if day else _utc(midnight(meant, by.zone))

    def in_administrate(self, value: Value, by: Translation) -> Value:
        if value is None or _DAY.fullmatch(str(value)):
            return value
        return datetime.fromisoformat(str(value)).astimezone(by.zone).date().isoformat()


@frozen
class Linked(Kind):
    """A record of another entity, by its link: its id in each system."""

    table: str

    def in_tutorial(self, value: Value, by: Translation, *, day: bool = False) -> Value:
        return self._across(value, by.tutorial)

    def in_administrate(self, value: Value, by: Translation) -> Value:
        return self._across(value, by.administrate)

    def of_administrate(self, raw: Any) -> Value:
        return None if raw is None else str(raw)

    def _across(self, value: Any, links: Mapping[str, Mapping[Any, Any]]) -> Value:
        if value is None:
            return None
        try:
            return links[self.table][value]  # type: ignore[no-any-return]  # an id
        except KeyError:
            raise Untranslatable(f"{self.table}: {value} is not linked") from None


@frozen
class LinkedPeople(Linked):
    """Several people, in the order of their ids: who comes first means nothing."""

    def of_administrate(self, raw: Any) -> Value:
        return sorted({str(one) for one in raw or ()})

    def of_tutorial(self, raw: Any) -> Value:
        return sorted(set(raw or ()))

    def _across(self, value: Any, links: Mapping[str, Mapping[Any, Any]]) -> Value:
        return sorted(Linked._across(self, one, links) for one in value)  # type: ignore[type-var]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
