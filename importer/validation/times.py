"""Converts a workbook's local times to moments.

At clock changes: a local time that is skipped, and one that occurs twice, are both refused, each
with the valid times around it. Nothing is guessed, because people miss a session that is sold an
hour off.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from importer.workbook.template import fold

DEFAULT_ZONE = "Europe/London"


class ClockChangeError(Exception):
    """The local time does not exist, or exists twice; the message gives valid times."""


@cache
def _zones() -> dict[str, str]:
    return {fold(name): name for name in available_timezones()}


def zone_named(text: str) -> str | None:
    """The IANA zone named by a cell (``Europe - London``, ``Europe/London``), or None."""
    name = "/".join(part.strip() for part in fold(text).replace(" - ", "/").split("/"))
    return _zones().get(name.replace(" ", "_"))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def in_utc(local: datetime, zone: str) -> datetime:
    """The moment of a local time in a zone; raises `ClockChangeError`."""
    before = local.replace(tzinfo=_zone(zone), fold=0)
    after = local.replace(tzinfo=_zone(zone), fold=1)
    first, second = before.utcoffset(), after.utcoffset()
    if first == second or first is None or second is None:
        return before.astimezone(UTC)
    width = abs(first - second)
    shown = f"{local:%H:%M} on {local:%Y-%m-%d} in {zone}"
    if second > first:
        raise ClockChangeError(
            f"{shown} does not exist: the clocks go forward over it; "
            f"write {local + width:%H:%M} if that is what the clocks will show"
        )
    start, end = _around(local, zone, width)
    raise ClockChangeError(
        f"{shown} exists twice: the clocks go back over it; "
        f"write a time before {start:%H:%M} or from {end:%H:%M} on"
    )


def _around(local: datetime, zone: str, width: timedelta) -> tuple[datetime, datetime]:
    """First and last edge of the hour that comes twice, in local time, to the minute."""
    minute = timedelta(minutes=1)
    start = local.replace(second=0, microsecond=0)
    while _twice(start - minute, zone):
        start -= minute
    return start, start + width


def _twice(local: datetime, zone: str) -> bool:
    aware = local.replace(tzinfo=_zone(zone))
    return aware.utcoffset() != aware.replace(fold=1).utcoffset()
