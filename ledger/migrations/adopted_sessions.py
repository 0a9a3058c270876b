"""Sessions of an older tool: the tutorial session of each, and its times.

February's have a day number and local times, in the zone of their event; May's, a tutorial session
and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, text

from ledger.database.connection import driver
from ledger.schema import adm
from ledger.tables.database_columns import Columns, database_columns
from ledger.values import Value
from ledger.zones import moments_meant, zone_or_default

# A moment's column, the older columns of its local date and time, and the moment of the tutorial
# session.
_TIMES = (
    ("starts_at", "classroom_start_date", "classroom_start_time", "tutorial_start"),
    ("ends_at", "classroom_end_date", "classroom_end_time", "tutorial_end"),
)
_TUTORIAL = ("id", "tutorial_event_id", "sequence", "start_date", "end_date")
# A session without a link is the tutorial session of its event and day, if both sides have one.
_SESSIONS = """
WITH events AS (
    SELECT e.id, e.tutorial_event_id, e.timezone,
        count(*) OVER (PARTITION BY e.tutorial_event_id) AS claims
    FROM adm.events e WHERE e.tutorial_event_id IS NOT NULL
), by_day AS (
    SELECT s.id AS session, t.id AS tutorial, count(*) OVER (PARTITION BY t.id) AS claims
    FROM adm.sessions s JOIN events e ON e.id = s.event_id
    JOIN acted.tutorial_sessions t
        ON t.tutorial_event_id = e.tutorial_event_id AND t.sequence = s.day_number
    WHERE s.tutorial_session_id IS NULL AND e.claims = 1
        AND NOT EXISTS (SELECT FROM adm.sessions o WHERE o.tutorial_session_id = t.id)
)
SELECT s.id, t.id AS tutorial_session_id, e.id AS event_id, t.sequence AS day_number,
    t.start_date AS tutorial_start, t.end_date AS tutorial_end, {columns}
    coalesce(own.timezone, e.timezone) AS zone
FROM adm.sessions s
LEFT JOIN by_day d ON d.session = s.id AND d.claims = 1
LEFT JOIN acted.tutorial_sessions t ON t.id = coalesce(s.tutorial_session_id, d.tutorial)
LEFT JOIN events e ON e.tutorial_event_id = t.tutorial_event_id AND e.claims = 1
LEFT JOIN adm.events own ON own.id = s.event_id
WHERE s.id = ANY(:ids)
"""


@frozen
class AdoptedSession:
    """Derived values for empty columns of a session, the older columns' values that they come from,
    and a sentence for each local time that means no one moment."""

    values: Mapping[str, Value]
    found: Mapping[str, Value]
    unknown_times: tuple[str, ...]


def adopted_sessions(
    connection: Connection, ids: Sequence[int]
) -> Iterator[tuple[int, AdoptedSession]]:
    """Each session of ``adm`` with the derived values; none where the tutorial sessions lack a
    column that this needs."""
    columns = database_columns(driver(connection), ["acted.tutorial_sessions", "adm.sessions"])
    if not set(_TUTORIAL) <= columns.get("acted.tutorial_sessions", {}).keys():
        return
    local = [name for _, day, clock, _ in _TIMES for name in (day, clock)]
    older = local if _are_local(columns["adm.sessions"], local) else []
    query = _SESSIONS.format(columns="".join(f"s.{name}, " for name in older))
    for row in connection.execute(text(query), {"ids": list(ids)}).mappings():
        yield row["id"], _read(row, has_times=bool(older))


def _are_local(columns: Columns, names: Sequence[str]) -> bool:
    kinds = [columns[name].plain if name in columns else "" for name in names]
    return kinds == ["date", "time without time zone"] * 2


def _read(row: Mapping[Any, Any], *, has_times: bool) -> AdoptedSession:
    values = {name: row[name] for name in ("tutorial_session_id", "event_id", "day_number")}
    found: dict[str, Value] = {}
    unknown_times: list[str] = []
    for name, day, clock, tutorial in _TIMES if has_times else ():
        if row[day] is None or row[clock] is None:
            continue
        found |= {day: row[day], clock: row[clock]}
        moment = _moment(row[day], row[clock], row["zone"], row[tutorial])
        values[name] = moment
        if moment is None:
            zone = zone_or_default(row["zone"]).key
            unknown_times.append(
                f"{adm.SESSIONS.fullname} {row['id']} has no {name}: {row[clock]:%H:%M} on"
                f" {row[day]:%Y-%m-%d} in {zone} means no one moment, since the clocks change then."
            )
    return AdoptedSession(values, found, tuple(unknown_times))


def _moment(day: date, clock: time, zone: object, tutorial: datetime | None) -> datetime | None:
    """The one moment of a local time; of two, that of the tutorial session."""
    meant = moments_meant(datetime.combine(day, clock), zone_or_default(zone))
    if len(meant) == 1:
        return meant[0]
    return tutorial if tutorial in meant else None
