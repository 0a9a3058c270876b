"""Positions of the ledger by a person's input: a number, or a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg

from ledger.errors import UsageRefused
from ledger.store.append import head


def position_of(connection: psycopg.Connection[Any], typed: str) -> int:
    """The position for a number, or for a time (ISO 8601; local without an offset): the last one by
    then. Raises ``UsageRefused`` where the text is neither, or the position beyond the ledger's
    end."""
    if typed.isdecimal():
        last, _ = head(connection)
        if int(typed) > last:
            raise UsageRefused(f"the ledger ends at position {last}; there is no {typed} yet")
        return int(typed)
    try:
        moment = datetime.fromisoformat(typed).astimezone(UTC)
    except (ValueError, OverflowError) as problem:  # the latter at the ends of the calendar
        raise UsageRefused(
            f"{typed!r} is neither a position nor a time such as 2026-04-01T09:30"
        ) from problem
    return position_at(connection, moment)


def position_at(connection: psycopg.Connection[Any], moment: datetime) -> int:
    """The last position recorded no later than a moment; 0 where that is before the first."""
    # Times grow with positions (see ledger.append), so the appends can be searched from the end.
    found = connection.execute(
        "SELECT max(a.first_position + a.count - 1) FROM ledger.appends a"
        " JOIN ledger.events e ON e.position = a.first_position WHERE e.recorded_at <= %s",
        (moment,),
    ).fetchall()
    return int(found[0][0] or 0)
