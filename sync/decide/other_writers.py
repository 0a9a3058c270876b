"""Records other writers' changes to an entity's bridge rows in the ledger, before the sync decides.

Each inserted, changed or deleted row gets an event, so that no edit is lost. Where Administrate
differs, the sync corrects the row afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import field, frozen
from sqlalchemy import Connection, text

from ledger.database.connection import driver
from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    BridgeRowRestored,
    FieldChange,
    RecordChanged,
    record_name,
)
from ledger.replay.ledger_rows import ledger_rows
from ledger.runs.run import Run
from ledger.schema.adm import bridge_key, link_name
from ledger.schema.column_values import Row, field_value
from ledger.schema.declared import Table
from ledger.store.bridge_rows import current_rows
from ledger.store.entries import Entry
from ledger.values import Fields
from sync.entity import Entity

ANOTHER = "another writer"
_BATCH = 5000
# The columns of a row's key.
_KEYS = ("external_id", "entity_type")


@frozen
class TakenUp:
    """The recorded changes, a line each, and the keys of rows new to the ledger, which may be newer
    than the fetch."""

    lines: tuple[str, ...] = ()
    fresh: frozenset[str] = field(factory=frozenset)


def hold_rows(connection: Connection, entity: Entity) -> None:
    """Locks the entity's bridge rows against other writers until the transaction ends; readers are
    not blocked."""
    connection.execute(text(f"LOCK TABLE {entity.table.fullname} IN SHARE ROW EXCLUSIVE MODE"))


def take_up(
    run: Run, connection: Connection, entity: Entity, fetched: Collection[str] | None = None
) -> TakenUp:
    """Appends an event for each row that another writer inserted, changed or deleted. ``fetched``
    are the keys in Administrate, where known. A row without an Administrate id has no record there
    and stays its writer's."""
    found = _Found(
        connection,
        entity,
        ledger_rows(driver(connection), entity.table, keep=True),
        current_rows(driver(connection), entity.table),
        fetched,
    )
    lines: list[str] = []
    fresh: set[str] = set()
    # Edits first: they release the ids that restored rows need.
    for events in (found.edits(), found.inserted_and_deleted()):
        while batch := [Entry(event) for event in islice(events, _BATCH)]:
            run.ledger.append_in(connection, batch, run_id=run.run_id)
            for entry in batch:
                match entry.event:
                    case BridgeRowAdopted(key=key):
                        fresh.add(key)
                        lines.append(f"{key}: made by another writer")
                    case BridgeRowEdited(key=key, changes=changes, known_as=known_as):
                        fresh.add(known_as or key)
                        lines.append(f"{key}: changed by another writer: {', '.join(changes)}")
                    case BridgeRowRestored(key=key):
                        lines.append(f"{key}: deleted by another writer, made again")
    return TakenUp(tuple(lines), frozenset(fresh))


@frozen
class _Found:
    """A table's rows according to the ledger, and the current ones."""

    connection: Connection
    entity: Entity
    ours: Mapping[int, Row]
    current: Mapping[int, Row]
    fetched: Collection[str] | None

    @property
    def table(self) -> Table:
        return self.entity.table

    def edits(self) -> Iterator[BridgeRowEdited | RecordChanged]:
        deleted = {self.key(row) for i, row in self.ours.items() if i not in self.current}
        for row_id, row in self.ours.items():
            if row_id in self.current:
                yield from self.edited(row, self.current[row_id], deleted)

    def inserted_and_deleted(self) -> Iterator[BridgeRowAdopted | BridgeRowRestored]:
        inserted = [row for row_id, row in self.current.items() if row_id not in self.ours]
        deleted = [row for row_id, row in self.ours.items() if row_id not in self.current]
        instead = {self.key(row) for row in inserted}
        replaced = {self.key(row): row["id"] for row in deleted}
        there = self.tutorial_ids() if deleted else set()
        for row in deleted:
            if self.key(row) not in instead:
                yield self.restored(row, there)
        for row in inserted:
            if row["external_id"] is not None:
                yield self.adopted(row, replaced.get(self.key(row)))

    def tutorial_ids(self) -> set[int]:
        if self.entity.tutorial is None:
            return set()
        query = text(f"SELECT id FROM {self.entity.tutorial.table}")
        return set(self.connection.execute(query).scalars())

    def key(self, row: Row) -> str:
        return bridge_key(self.table.fullname, row)

    def restored(self, row: Row, tutorial: Collection[int]) -> BridgeRowRestored:
        fields = self.fields(row)
        link = link_name(self.table.fullname)
        if link is not None and row[link] not in tutorial:
            fields = {**fields, link: None}
        return BridgeRowRestored(
            table=self.table.fullname, key=self.key(row), row_id=row["id"], fields=fields
        )

    def adopted(self, row: Row, replaces: int | None) -> BridgeRowAdopted:
        return BridgeRowAdopted(
            table=self.table.fullname,
            key=self.key(row),
            row_id=row["id"],
            fields=self.fields(row),
            linked=self.linked(row),
            made_by=ANOTHER,
            replaces=replaces,
        )

    def edited(
        self, row: Row, current: Row, deleted: Collection[str]
    ) -> Iterator[BridgeRowEdited | RecordChanged]:
        changes = {
            name: self.change(name, row[name], current[name])
            for name in row
            if not (name == "last_synced" and self.entity.tutorial)
            and differ(row[name], current[name])
        }
        if not changes:
            return
        key, now = self.key(row), self.key(current)
        mistaken = key != now and (now in deleted or self.unknown(now)) and not self.taken(key)
        yield BridgeRowEdited(
            table=self.table.fullname,
            key=key,
            row_id=row["id"],
            changes=changes,
            linked=self.linked(current),
            before=self.linked(row),
            known_as=now if key != now and not mistaken else None,
        )
        if mistaken:
            # Administrate has no such record, and the row belongs to another one.
            back = {
                name: self.change(name, current[name], row[name])
                for name in _KEYS
                if name in changes
            }
            yield RecordChanged(table=self.table.fullname, key=key, row_id=row["id"], changes=back)

    def unknown(self, key: str) -> bool:
        return self.fetched is not None and key not in self.fetched

    def taken(self, key: str) -> bool:
        return any(self.key(row) == key for row in self.current.values())

    def change(self, name: str, before: Any, after: Any) -> FieldChange:
        return FieldChange(
            before=field_value(self.table, name, before), after=field_value(self.table, name, after)
        )

    def fields(self, row: Row) -> Fields:
        return {n: field_value(self.table, n, value) for n, value in row.items() if n != "id"}

    def linked(self, row: Row) -> str | None:
        link = link_name(self.table.fullname)
        target = None if link is None else row[link]
        return None if target is None else record_name(str(self.entity.matched.table), target)


def differ(ours: Any, current: Any) -> bool:
    """Whether a column's value differs; a number in a text column equals that number."""
    if ours is None or current is None or type(ours) is type(current):
        return bool(ours != current)
    return bool(ours != current) and str(ours) != str(current)
