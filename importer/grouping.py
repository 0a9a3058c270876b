"""Which rows make an event together, and by what a row is recognised again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from attrs import define, field

from importer.cells import is_blank, shown
from importer.template import fold
from importer.workbook import Row, Sheet

RawRow = tuple[tuple[str, str], ...]
"""A row as it was typed: each column and the text of its cell, by name, blank cells left out."""

SHARED_KEY = "another event's row has the same event key: clear it where the row was copied"


@define
class Group:
    """An event's row and its session rows; or, without an event's row, a session that has none.

    ``event_key`` is the group's own, no other in the sheet has it; ``problem`` says why the group
    as a whole cannot be an event.
    """

    event: Row | None
    event_key: str
    sessions: list[Row] = field(factory=list)
    problem: str = ""


def groups(sheet: Sheet) -> list[Group]:
    """The sheet's events in its order, each with its sessions; then the sessions that have none.

    A session belongs to the event above it, unless it carries the event key that a receipt wrote:
    then to the event with that key, wherever either stands.
    """
    found: dict[int, Group] = {}
    by_key: dict[str, Group] = {}
    made = Counter(_written_key(sheet, row) for row in sheet.rows)
    for row in sheet.rows:
        if is_blank(sheet.value(row, "code")):
            continue
        key = _written_key(sheet, row)
        if key and key not in by_key:
            by_key[key] = found[row.number] = Group(row, key)
            continue
        # Rows that say the same are told apart by their count, so that a receipt can tell them too.
        digest = fingerprint(raw_row(sheet, row))[:16]
        made[digest] += 1
        found[row.number] = Group(row, digest if made[digest] == 1 else f"{digest}-{made[digest]}")
        if key:
            found[row.number].problem = by_key[key].problem = SHARED_KEY
    return _with_sessions(sheet, found, by_key)


def _with_sessions(sheet: Sheet, events: dict[int, Group], by_key: dict[str, Group]) -> list[Group]:
    strays: list[Group] = []
    above: Group | None = None
    for row in sheet.rows:
        if row.number in events:
            above = events[row.number]
            continue
        key = _written_key(sheet, row)
        owner = by_key.get(key) if key else above
        if owner is not None:
            owner.sessions.append(row)
        elif key:
            strays.append(Group(None, "", [row], "no event's row has this event key"))
        else:
            strays.append(Group(None, "", [row], "a session before the first event"))
    return [*events.values(), *strays]


def _written_key(sheet: Sheet, row: Row) -> str:
    return fold(shown(sheet.value(row, "event_key")))


def raw_row(sheet: Sheet, row: Row) -> RawRow:
    """The row as typed, by column name, without what a receipt added to it."""
    return tuple(
        sorted(
            (sheet.names[index], shown(value))
            for index, value in enumerate(row.cells)
            if value is not None and index in sheet.names and not is_blank(value)
        )
    )


def fingerprint(raw: RawRow) -> str:
    """32 hexadecimal digits for what a row says, wherever the row and its columns stand."""
    return hashlib.sha256(json.dumps(raw).encode()).hexdigest()[:32]
