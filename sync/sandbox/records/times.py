"""Local times with a zone go in, UTC comes out.

Inside the sandbox a local time is ``YYYY-MM-DDTHH:MM:SS`` and an instant is in UTC with six
digits of microseconds, so that text order is time order for both.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local(text: str) -> str:
    """A local time normalised; ValueError where it is none, or carries an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError("a local time carries no offset")
    return moment.replace(microsecond=0).isoformat()


def instant(text: str) -> str:
    """A time with an offset, normalised to UTC; ValueError where the offset is missing."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time with an offset is needed")
    return as_instant(moment)


def as_instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def shown(text: str) -> str:
    """An instant as the API writes it: microseconds only where there are any."""
    return text.replace(".000000Z", "Z")


def to_instant(local_time: str, zone_name: str) -> str:
    """A time that exists twice is read as the first, one in a gap as if the clock stood."""
    return as_instant(datetime.fromisoformat(local_time).replace(tzinfo=ZoneInfo(zone_name)))


def to_local(moment: str, zone_name: str) -> str:
    there = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone_name))
    return there.replace(tzinfo=None, microsecond=0).isoformat()


def exists_once(local_time: str, zone_name: str) -> bool:
    """Whether a wall clock in that zone shows this time exactly once."""
    moment = datetime.fromisoformat(local_time).replace(tzinfo=ZoneInfo(zone_name))
    return moment.utcoffset() == moment.replace(fold=1).utcoffset()


def on_day(first: date, offset: int, clock: str) -> str:
    """The local time ``clock`` (HH:MM:SS) so many days after the first."""
    return datetime.combine(first + timedelta(days=offset), time.fromisoformat(clock)).isoformat()
