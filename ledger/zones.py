"""Local times and the moments they mean.

A local time that the clocks jump over, and one that they show twice, mean no moment: nothing is
guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT_ZONE = "Europe/London"


@cache
def zone_or_default(name: object) -> ZoneInfo:
    """The zone of that name (``Europe/Dublin``), London's where it is none."""
    try:
        return ZoneInfo(str(name or DEFAULT_ZONE))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(DEFAULT_ZONE)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there."""
    return datetime.combine(day, time(0), zone)


def set_midnights(row: dict[str, Any], days: Iterable[str]) -> None:
    """Writes a row's days as local times in its zone, midnight unless they say another: a column of
    days reads the day, and one of moments the moment."""
    for name in days:
        day = row[name]
        if isinstance(day, date):
            zone = zone_or_default(row.get("timezone"))
            moment = day.astimezone(zone) if isinstance(day, datetime) else midnight(day, zone)
            row[name] = moment.isoformat()


def moments_meant(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments, in UTC, at which the zone's clocks show a local time: one, none or two."""
    read = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = [one for one in read if one.astimezone(zone).replace(tzinfo=None) == local]
    return list(dict.fromkeys(shown))
