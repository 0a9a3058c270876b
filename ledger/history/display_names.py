"""Display names shown beside ids: current ones, or those of a position; of deleted records too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import psycopg
from attrs import define, field

from ledger.events import record_name
from ledger.history.name_columns import JOINS, NAMES, joined, key_of, keyed
from ledger.history.told_names import TELLING, ToldNames
from ledger.schema import adm
from ledger.store.read import Selection, read_recorded


@define
class Called:
    """Display names, looked up many at a time and cached.

    ``at``, which may be set anew between two names, is the position as of which they are given: as
    events told them by then, else as they told them later, else as the row has it now. ``None``:
    as the row has it, or as was told last where it is gone. A bridge row may also be given by its
    primary key: ``adm.locations/17``, ``adm.events/id=17``.
    """

    connection: psycopg.Connection[Any]
    at: int | None = None
    _current: dict[str, str | None] = field(factory=dict, init=False)
    _told: dict[str, list[tuple[int, str]]] = field(factory=dict, init=False)

    def name_of(self, record: str) -> str | None:
        """The record's display name, where it has or had one."""
        if record not in self._current:
            self.learn([record])
        told = self._told.get(record)
        if self.at is None:
            return self._current[record] or (told[-1][1] if told else None)
        if not told:
            return self._current[record]
        by_then = [name for position, name in told if position <= self.at]
        return by_then[-1] if by_then else told[0][1]

    def __call__(self, record: str) -> str:
        """The record with its display name appended."""
        name = self.name_of(record)
        return f"{record} ({name})" if name else record

    def learn(self, records: Iterable[str]) -> None:
        """Looks up the names not cached yet, one query a table, and one for what events told."""
        new = {record for record in records if record not in self._current}
        if not new:
            return
        asked: dict[str, list[str]] = defaultdict(list)
        for record in new:
            self._current[record] = None
            table, _, key = record.partition("/")
            if table in NAMES:
                asked[table].append(key)
        keys: dict[str, str] = {}
        for table, given in asked.items():
            keys |= self._look_up(table, given)
        self._learn_told({one for one in new if one.partition("/")[0] in NAMES}, keys)

    def _look_up(self, table: str, keys: list[str]) -> dict[str, str]:
        """Learns the rows' names; returns the name in the ledger of each record."""
        names = ", ".join(f"nullif({joined(columns)}, '')" for columns in NAMES[table])
        condition, values = keyed(table, keys)
        found = self.connection.execute(
            f"SELECT {key_of(table)}, r.id::text, coalesce({names})"
            f" FROM {table} r{JOINS.get(table, '')} WHERE {condition}",
            values,
        )
        own_names = {}
        for own, row_id, name in found.fetchall():
            for spelt in (own, row_id, f"id={row_id}"):
                record = f"{table}/{spelt}"
                if self._current.get(record, "") is None:
                    self._current[record] = name
                    own_names[record] = record_name(table, own)
        return own_names

    def _learn_told(self, records: Collection[str], keys: dict[str, str]) -> None:
        """Learns what events told of records: of all, or of those without a row that names them."""
        wanted = [one for one in records if self.at is not None or self._current[one] is None]
        if not wanted:
            return
        told = ToldNames()
        gone = self._of_deleted_rows(wanted)
        # By stream, not by subject: a name is told in the record's own history.
        streams = {keys.get(record, record) for record in wanted}.union(gone)
        about = Selection(streams=streams, types=TELLING)
        for recorded in read_recorded(self.connection, about, tolerant=True):
            names = told.take_in(recorded.event)
            if not names:
                continue
            for spelt in told.spellings(recorded.event):
                known = self._told.setdefault(spelt, [])
                known += [(0, names[0])] if not known else []
                known.append((recorded.position, names[-1]))

    def _of_deleted_rows(self, records: Collection[str]) -> list[str]:
        """The names in the ledger of deleted bridge rows given by their primary keys."""
        named = (record.partition("/")[::2] for record in records if self._current[record] is None)
        given = [
            f"{table}/{number}"
            for table, key in named
            if table in adm.BY_NAME and (number := key.removeprefix("id=")).isdecimal()
        ]
        if not given:
            return []
        streams = self.connection.execute(
            "SELECT DISTINCT stream FROM ledger.events WHERE type = 'RecordVanished'"
            " AND concat_ws('/', payload ->> 'table', payload ->> 'row_id') = ANY(%s)",
            (given,),
        )
        return [stream for (stream,) in streams.fetchall()]
