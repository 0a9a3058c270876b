"""People: the tables of their records, and the owner of a personal value in an event."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import psycopg
from attrs import define, field

from ledger.events import CATALOGUE
from ledger.events.base import OWN
from ledger.events.catalogue import personal_digests
from ledger.schema import adm
from ledger.store.entries import StoredEvent
from ledger.store.read import Selection, personal_values, read_chunks

_BRIDGES = {
    name: table
    for name, table in adm.BY_NAME.items()
    if any(column.personal for column in table.columns)
}
# The tables whose records are people: bridge rows with personal columns, and their counterparts.
TABLES = {*_BRIDGES, *(linked for name in _BRIDGES if (linked := adm.linked_table(name)))}


@define
class Names:
    """The words of a person's name; ``about`` are the person's records."""

    connection: psycopg.Connection[Any]
    about: list[str]
    _known: dict[str, frozenset[str]] = field(factory=dict, init=False)

    def may_be_theirs(self, value: str, event: StoredEvent) -> bool:
        """Whether a personal value in an event belongs to the person: it consists of their names,
        or it is in an event of their own history and does not consist of the names of another
        subject of the event."""
        words = _words(value)
        if any(words <= self._names(record) for record in self.about):
            return True
        others = (record for record in event.subjects if record not in self.about)
        return event.stream in self.about and not any(words <= self._names(o) for o in others)

    def named_in(self, text: str) -> list[str]:
        """The words of the person's name in a text."""
        return [
            w
            for w in re.findall(r"\w+", text)
            if any(_words(w) <= self._names(r) for r in self.about)
        ]

    def are_in(self, text: str) -> bool:
        """Whether a text of many words names the person: by two words of the name, one after the
        other, or by one that no name is like, an address."""
        folded = text.casefold()
        for names in map(self._names, self.about):
            if any("@" in name and name in folded for name in names):
                return True
            if sum(name in folded for name in names) > 1 and _beside(names, folded):
                return True
        return False

    def _names(self, record: str) -> frozenset[str]:
        if record not in self._known:
            self._known[record] = frozenset(
                word for value in self._values(record) for word in _words(value)
            )
        return self._known[record]

    def _values(self, record: str) -> list[str]:
        table, _, key = record.partition("/")
        values: list[str] = []
        if table in _BRIDGES:
            described = Selection(stream=record, types=CATALOGUE.holding(OWN))
            for events in read_chunks(self.connection, described):
                known = personal_values(self.connection, events)
                values += [
                    known[d] for e in events for d in personal_digests(e.payload) if d in known
                ]
        elif table in TABLES and key.isdecimal():
            rows = self.connection.execute(
                "SELECT u.first_name, u.last_name FROM acted.tutorial_instructors i"
                " JOIN acted.staff s ON s.id = i.staff_id"
                " JOIN public.auth_user u ON u.id = s.user_id WHERE i.id = %s",
                (int(key),),
            )
            values += [name for row in rows.fetchall() for name in row]
        return values


def _words(value: str) -> frozenset[str]:
    return frozenset(value.casefold().split())


def _beside(names: frozenset[str], text: str) -> bool:
    """Whether two of the words stand one after the other."""
    words = re.findall(r"\w+", text)
    parts = {part for name in names for part in re.findall(r"\w+", name)}
    return any(a != b and a in parts and b in parts for a, b in pairwise(words))
