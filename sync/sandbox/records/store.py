"""The records on disk: one SQLite file, in which a change is durable before it is answered."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from sync.sandbox.records.ids import global_id
from sync.sandbox.records.kinds import KINDS, Kind

Record = dict[str, Any]

#: Keys that are columns of their own, so that order and comparison are read off an index.
INDEXED = ("name", "code", "title", "lastName", "createdAt", "updatedAt")
INDEXES = "".join(
    f"CREATE INDEX IF NOT EXISTS record_{name} ON record (kind, {name}, number);"
    for name in INDEXED
)
TABLES = f"""
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, parent TEXT,
    body TEXT NOT NULL, {", ".join(INDEXED)}, PRIMARY KEY (kind, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_parent ON record (kind, parent, number);
CREATE TABLE IF NOT EXISTS numbers_used (
    prefix TEXT PRIMARY KEY, lowest INTEGER NOT NULL, highest INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS external_id (
    kind TEXT NOT NULL, folded TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    node TEXT NOT NULL, PRIMARY KEY (node, folded), UNIQUE (kind, folded, value)
) WITHOUT ROWID;
{INDEXES}
"""

#: Numbers are not reused and do not start at one, as in a tenant that has been in use.
FIRST_NUMBER = 101

WRITE = f"INSERT OR REPLACE INTO record VALUES ({', '.join('?' * (5 + len(INDEXED)))})"


def _row(record: Record) -> tuple[object, ...]:
    kind = KINDS[record["__typename"]]
    parent = record.get(kind.parent) if kind.parent else None
    indexed = (record.get(name) for name in INDEXED)
    number = int(record["legacyId"])
    return (kind.name, number, record["id"], parent, json.dumps(record), *indexed)


def _fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _has_words(text: str | None, wanted: str, prefixes: int) -> bool:
    """Whether every word wanted is a word of the text, or with ``prefixes`` begins one."""
    if text is None:
        return False
    there = _words(text)
    if prefixes:
        return all(any(word.startswith(start) for word in there) for start in _words(wanted))
    return set(_words(wanted)) <= set(there)


def _scatter(number: int, salt: int) -> int:
    """A place in a shuffled order, the same for the same salt."""
    return zlib.crc32(f"{salt}:{number}".encode())


#: SQL function → its number of arguments and what it calls.
FUNCTIONS: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "fold": (1, _fold),
    "has_words": (3, _has_words),
    "scatter": (2, _scatter),
}


@define
class Store:
    """The sandbox's one connection to its file; everything runs in its one thread."""

    db: sqlite3.Connection
    _seen: dict[str, Record] = field(factory=dict)
    _written: list[Record] = field(factory=list)

    @classmethod
    def open(cls, path: Path) -> Store:
        db = sqlite3.connect(path, isolation_level=None)
        # A commit survives the death of the process, though not of the machine: no fsync each.
        db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {TABLES}")
        for name, (arguments, function) in FUNCTIONS.items():
            db.create_function(name, arguments, function, deterministic=True)
        return cls(db)

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction: rolled back where an exception leaves it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            self._seen.clear()
            self._written.clear()
            raise
        self.db.execute("COMMIT")

    def begin_call(self) -> None:
        """Clears the records cached for the previous call."""
        self._seen.clear()

    def get(self, identifier: str | None) -> Record | None:
        """The record with that global id, whatever its kind."""
        if identifier is None:
            return None
        if identifier not in self._seen:
            row = self.db.execute("SELECT body FROM record WHERE id = ?", (identifier,)).fetchone()
            if row is None:
                return None
            self._seen[identifier] = json.loads(row[0])
        return self._seen[identifier]

    def find(self, kind: Kind, identifier: str | None) -> Record | None:
        """The record of that kind with that id."""
        record = self.get(identifier)
        return record if record is not None and record["__typename"] == kind.name else None

    def select(
        self, kind: Kind, clause: str = "", parameters: Sequence[object] = ()
    ) -> list[Record]:
        """Records of a kind; ``clause`` goes on from its WHERE."""
        rows = self.db.execute(
            f"SELECT body FROM record WHERE kind = ? {clause}", (kind.name, *parameters)
        )
        return [json.loads(row[0]) for row in rows]

    def window(
        self, kind: Kind, clause: str, parameters: Sequence[object], size: int, offset: int
    ) -> list[Record]:
        """A page of ``select``, in the clause's order; records that it passes over are not read."""
        rows = self.db.execute(
            f"SELECT number FROM record WHERE kind = ? {clause} LIMIT ? OFFSET ?",
            (kind.name, *parameters, size, offset),
        )
        numbers = [row[0] for row in rows]
        found = self.select(
            kind, "AND number IN (SELECT value FROM json_each(?))", (json.dumps(numbers),)
        )
        places = {str(number): place for place, number in enumerate(numbers)}
        return sorted(found, key=lambda record: places[record["legacyId"]])

    def children(self, kind: Kind, parent: str) -> list[Record]:
        return self.select(kind, "AND parent = ? ORDER BY number", (parent,))

    def count(self, kind: Kind, clause: str = "", parameters: Sequence[object] = ()) -> int:
        row = self.db.execute(
            f"SELECT count(*) FROM record WHERE kind = ? {clause}", (kind.name, *parameters)
        ).fetchone()
        return int(row[0])

    def next_number(self, prefix: str) -> int:
        """The number of a new record under an id prefix, which several kinds may share."""
        return self._unused(prefix, "highest = highest + 1 RETURNING highest")

    def number_before(self, prefix: str) -> int:
        """One that comes before all that were ever used, for a record that slips in first."""
        return self._unused(prefix, "lowest = lowest - 1 RETURNING lowest")

    def _unused(self, prefix: str, change: str) -> int:
        row = self.db.execute(
            f"INSERT INTO numbers_used VALUES (?1, ?2, ?2) ON CONFLICT DO UPDATE SET {change}",
            (prefix, FIRST_NUMBER),
        ).fetchone()
        return int(row[0])

    def insert(self, kind: Kind, body: Record, number: int | None = None) -> Record:
        """A new record with the next number of its prefix, and the ids that follow from it."""
        number = self.next_number(kind.prefix) if number is None else number
        record = {
            "__typename": kind.name,
            "id": global_id(kind.prefix, number),
            "legacyId": str(number),
            **body,
        }
        return self.replace(record)

    def replace(self, record: Record) -> Record:
        """Writes a record in place of the one with its id."""
        self.db.execute(WRITE, _row(record))
        self._seen[record["id"]] = record
        self._written.append(record)
        return record

    def take_written(self) -> list[Record]:
        """The records written since this was last called, as they were written."""
        written, self._written = self._written, []
        return written

    def remove(self, identifiers: Iterable[str]) -> None:
        gone = [(identifier,) for identifier in identifiers]
        self.db.executemany("DELETE FROM record WHERE id = ?", gone)
        self.db.executemany("DELETE FROM external_id WHERE node = ?", gone)
        self._seen.clear()

    def remove_with(self, identifier: str, *kinds: Kind) -> None:
        """Removes a record and those of the kinds that it owns."""
        owned = [one["id"] for kind in kinds for one in self.children(kind, identifier)]
        self.remove((identifier, *owned))

    def fill(self, records: Iterable[tuple[Kind, Record]]) -> None:
        """Replaces everything by these records, numbered as their ``legacyId`` says."""
        with self.writing():
            self.db.execute("DELETE FROM record")
            self.db.execute("DELETE FROM external_id")
            self.db.execute("DELETE FROM numbers_used")
            used: dict[str, tuple[int, int]] = {}

            def rows() -> Iterator[tuple[object, ...]]:
                for kind, body in records:
                    row = _row({"__typename": kind.name, **body})
                    number = int(body["legacyId"])
                    lowest, highest = used.get(kind.prefix, (number, number))
                    used[kind.prefix] = min(lowest, number), max(highest, number)
                    yield row

            self.db.executemany(WRITE, rows())
            self.db.executemany(
                "INSERT INTO numbers_used VALUES (?, ?, ?)",
                ((prefix, *numbers) for prefix, numbers in used.items()),
            )
            # Or what belongs to a record is sought among all of its kind.
            self.db.execute("ANALYZE")
        self._seen.clear()
        self._written.clear()
