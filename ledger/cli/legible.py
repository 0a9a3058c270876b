"""Events, rows and values as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

# Told in the head of an event's entry, or of no use to a person.
_NOT_TOLD = {"table", "key", "row_id"}
_LONGEST = 60


def local_time(moment: datetime | str | None) -> str:
    """A point in time as a person reads it: local, to the second."""
    if moment is None:
        return ""
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{when.astimezone():%Y-%m-%d %H:%M:%S}"


def local_end(start: datetime, end: datetime | None) -> str:
    """``local_time`` of an end, without the day where that is the day of the start."""
    day, told = local_time(start)[:10], local_time(end)
    return told.removeprefix(f"{day} ")


def counted(number: int, thing: str) -> str:
    """A number of things: ``1 row``, ``2 rows``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def event_head(event: Mapping[str, Any]) -> str:
    """Where, when, by whom and what; and of which record, where the run is not its own subject."""
    about = event["stream"] if not event["stream"].startswith("run/") else ""
    when = local_time(event["recorded_at"])
    return f"{event['position']:>8}  {when}  {event['actor']}  {event['type']}  {about}".rstrip()


def event_details(payload: Mapping[str, Any]) -> list[str]:
    """What an event says, one text each: changes as before → after, long values cut."""
    parts = []
    for name, value in payload.items():
        if name == "changes":
            parts += [
                f"{column}: {_short(change['before'])} → {_short(change['after'])}"
                for column, change in value.items()
            ]
        elif name == "fields" and isinstance(value, Mapping):
            parts += row_details(value)
        elif name not in _NOT_TOLD and value not in (None, "", False, [], {}):
            parts.append(f"{name}: {_short(value)}")
    return parts


def row_details(row: Mapping[str, Any]) -> list[str]:
    """What stands in a row, one text a column, without the empty ones."""
    return [f"{name}: {_short(value)}" for name, value in row.items() if value not in (None, "")]


def value_text(value: object) -> str:
    """A value in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return local_time(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {value_text(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(value_text(item) for item in value)
    return str(value)


def _short(value: object) -> str:
    text = value_text(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
