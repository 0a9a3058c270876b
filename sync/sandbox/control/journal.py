"""The journal, in the store's file: calls received, changes made, faults and switches set."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import cattrs
from attrs import asdict, define

from sync.sandbox.faults.fault import Fault, Strikes
from sync.sandbox.records.store import Store
from sync.sandbox.records.times import as_instant
from sync.sandbox.switches import Switches

TABLES = """
CREATE TABLE IF NOT EXISTS call (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, operation TEXT NOT NULL, names TEXT NOT NULL,
    variables TEXT NOT NULL, faults TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS change (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, call INTEGER NOT NULL, mutation TEXT NOT NULL,
    node TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS fault (
    number INTEGER PRIMARY KEY, fault TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def now() -> str:
    return as_instant(datetime.now(UTC))


@define
class Journal:
    store: Store

    @classmethod
    def open(cls, store: Store) -> Journal:
        store.db.executescript(TABLES)
        return cls(store)

    def receive(
        self, operation: str, names: Collection[str], variables: Mapping[str, Any]
    ) -> tuple[int, Strikes]:
        """Records a call and gives its number, with the faults that strike it."""
        db = self.store.db
        with self.store.writing():
            struck = []
            for number, text, seen in db.execute(
                "SELECT number, fault, seen FROM fault"
            ).fetchall():
                fault = cattrs.structure(json.loads(text), Fault)
                if fault.concerns(names):
                    db.execute("UPDATE fault SET seen = seen + 1 WHERE number = ?", (number,))
                    if fault.strikes(seen + 1):
                        struck.append(fault)
            row = db.execute(
                "INSERT INTO call (at, operation, names, variables, faults)"
                " VALUES (?, ?, ?, ?, ?) RETURNING number",
                (
                    now(),
                    operation,
                    json.dumps(sorted(names)),
                    json.dumps(variables),
                    json.dumps([fault.kind for fault in struck]),
                ),
            ).fetchone()
        return int(row[0]), Strikes(tuple(struck))

    def changed(self, call: int, mutation: str, node: str) -> None:
        """Records a change; runs inside the transaction that makes it."""
        self.store.db.execute(
            "INSERT INTO change (at, call, mutation, node) VALUES (?, ?, ?, ?)",
            (now(), call, mutation, node),
        )

    def counts(self) -> dict[str, int]:
        """Calls received by each name they go by: operation, mutation path, root field."""
        rows = self.store.db.execute(
            "SELECT value, count(*) FROM call, json_each(call.names) GROUP BY value ORDER BY value"
        )
        return dict(rows.fetchall())

    def calls(self) -> list[dict[str, Any]]:
        texts = ("names", "variables", "faults")
        rows = self._rows("number", "at", "operation", *texts, table="call")
        return [{**row, **{name: json.loads(row[name]) for name in texts}} for row in rows]

    def changes(self) -> list[dict[str, Any]]:
        return self._rows("number", "at", "call", "mutation", "node", table="change")

    def _rows(self, *columns: str, table: str) -> list[dict[str, Any]]:
        rows = self.store.db.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY number")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def forget(self) -> None:
        """Starts counting calls and changes anew."""
        with self.store.writing():
            self.store.db.execute("DELETE FROM call")
            self.store.db.execute("DELETE FROM change")

    def set_faults(self, faults: Iterable[Fault]) -> None:
        """Sets these faults in place of those that were; each counts its calls from here."""
        with self.store.writing():
            self.store.db.execute("DELETE FROM fault")
            self.store.db.executemany(
                "INSERT INTO fault (fault) VALUES (?)",
                [(json.dumps(asdict(fault)),) for fault in faults],
            )

    def faults(self) -> list[Fault]:
        rows = self.store.db.execute("SELECT fault FROM fault ORDER BY number")
        return [cattrs.structure(json.loads(text), Fault) for (text,) in rows]

    def setting(self, name: str) -> Any:
        """A remembered value, None where there is none."""
        row = self.store.db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def remember(self, name: str, value: object) -> None:
        self.store.db.execute(
            "INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, json.dumps(value))
        )

    def switches(self) -> Switches:
        return cattrs.structure(self.setting("switches") or {}, Switches)

    def switch(self, changes: Mapping[str, Any]) -> Switches:
        """Sets some switches; the error of cattrs where one has no such name or value."""
        strict = cattrs.Converter(forbid_extra_keys=True)
        changed = strict.structure({**asdict(self.switches()), **changes}, Switches)
        self.remember("switches", asdict(changed))
        return changed
