"""Rows, numbers and times formatted for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledger.history.descriptions.words import shown

_LONGEST = 60


def local_time(moment: datetime | str | None) -> str:
    """A point in time in local time, to the second."""
    if moment is None:
        return ""
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{when.astimezone():%Y-%m-%d %H:%M:%S}"


def duration(seconds: float | None) -> str:
    """A duration in words."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"


def counted(number: int, thing: str) -> str:
    """A number with its noun: ``1 row``, ``2 rows``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def row_details(row: Mapping[str, Any]) -> list[str]:
    """The non-empty columns of a row, one text each."""
    return [
        f"{name}: {shown(value, _LONGEST)}"
        for name, value in row.items()
        if value not in (None, "")
    ]
