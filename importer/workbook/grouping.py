"""Groups rows into events, and computes the fingerprint that recognises a row again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from attrs import define, field, frozen

from importer.workbook.cells import is_blank
from importer.workbook.row import SheetRow
from importer.workbook.session_owner import Owner, Titles
from importer.workbook.template import fold

UNKNOWN_KEY = "no event's row has this event key"
SHARED_KEY = "another event's row has the same event key: clear it where the row was copied"


@define
class Group:
    """An event's row and its session rows.

    ``event_key`` is unique in the sheet; ``problem`` is the reason why the group as a whole is
    refused.
    """

    event: SheetRow
    event_key: str
    sessions: list[SheetRow] = field(factory=list)
    problem: str = ""
    owners: dict[int, Owner] = field(factory=dict)
    """The owners of the rows whose titles and places disagree, by the row's number."""

    @property
    def rows(self) -> tuple[SheetRow, ...]:
        """The event's own row first."""
        return (self.event, *self.sessions)


@frozen
class Stray:
    """A session's row without an event, and the reason."""

    row: SheetRow
    problem: str


def groups(rows: Sequence[SheetRow]) -> list[Group | Stray]:
    """The events of a sheet's rows in order, each with its sessions; then the sessions without one.

    A session belongs to the event above it, or to the one with the event key that a receipt wrote
    into its row; unless its title names another event (`Titles`).
    """
    found: dict[int, Group] = {}
    by_key: dict[str, Group] = {}
    made = Counter(_written_key(row) for row in rows)
    for row in rows:
        if is_blank(row.value("code")):
            continue
        key = _written_key(row)
        if key and key not in by_key:
            by_key[key] = found[row.number] = Group(row, key)
            continue
        # Rows with equal content are numbered, so that a receipt can distinguish them too.
        digest = fingerprint(row)[:16]
        made[digest] += 1
        found[row.number] = Group(row, digest if made[digest] == 1 else f"{digest}-{made[digest]}")
        if key:
            found[row.number].problem = by_key[key].problem = SHARED_KEY
    return _with_sessions(rows, found, by_key)


def _with_sessions(
    rows: Sequence[SheetRow], events: dict[int, Group], by_key: dict[str, Group]
) -> list[Group | Stray]:
    titles = Titles({number: group.event for number, group in events.items()})
    under = dict(_event_above(rows, events, by_key))
    sessions = [(row, under[row.number]) for row in rows if row.number in under]
    owners: dict[int, Owner] = {
        row.number: titles.take(row, event)
        for row, event in sessions
        if event is not None and titles.is_of(row, event)
    }
    left = [(row, event) for row, event in sessions if row.number not in owners]
    titles.was_sorted = sum(bool(titles.claimed(row)) for row, _ in left) > 1
    # The event of each row whose title and place agree, the events' own rows among them.
    agreed: dict[int, int | None] = {number: number for number in events}
    agreed |= {number: under[number] for number in owners}
    below = dict(pairwise(row.number for row in rows))
    above = {later: earlier for earlier, later in below.items()}
    for row, event in left:
        after = event is not None and agreed.get(above.get(row.number, 0)) == event
        before = event is not None and agreed.get(below.get(row.number, 0)) == event
        owners[row.number] = titles.owner(row, event, after=after, before=before)
    strays: list[Stray] = []
    for row, event in sessions:
        owner = owners[row.number]
        if _written_key(row) and event is None and not owner.note:
            strays.append(Stray(row, UNKNOWN_KEY))
        elif owner.event is None:
            strays.append(Stray(row, owner.problem))
        else:
            events[owner.event].sessions.append(row)
            events[owner.event].owners[row.number] = owner
    for number, group in events.items():
        if note := titles.note_of_event(group.event):
            group.owners[number] = Owner(number, note=note)
    return [*events.values(), *strays]


def _event_above(
    rows: Sequence[SheetRow], events: dict[int, Group], by_key: dict[str, Group]
) -> Iterator[tuple[int, int | None]]:
    """Each session's row and that of the event above it, or of the one with its key."""
    above: int | None = None
    for row in rows:
        if row.number in events:
            above = row.number
        elif key := _written_key(row):
            group = by_key.get(key)
            yield row.number, group.event.number if group else None
        else:
            yield row.number, above


def _written_key(row: SheetRow) -> str:
    return fold(row.text("event_key"))


def fingerprint(row: SheetRow) -> str:
    """32 hexadecimal digits of a row's content, independent of the row's and the columns' places,
    and of a receipt's columns."""
    return hashlib.sha256(json.dumps(sorted(row.texts.items())).encode()).hexdigest()[:32]
