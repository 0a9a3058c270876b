"""The events of an entity's bridge rows: of what was observed, and of rows without a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
from attrs import frozen

from ledger.events import (
    FieldChange,
    RecordChanged,
    RecordGone,
    RecordObserved,
    RecordReturned,
    RecordVanished,
)
from ledger.history.descriptions.words import references_in_words
from ledger.schema.adm import link_name
from ledger.schema.column_values import field_value
from ledger.store.entries import Entry
from ledger.store.referring import held
from sync.decide.current_state import BridgeRow, references_to
from sync.decide.differences import Differences
from sync.decide.links import link_of_gone
from sync.entities import EVENTS
from sync.entity import Entity

_EVENT_LINK = f"{EVENTS.table.fullname}.{link_name(EVENTS.table.fullname)}"


@frozen
class Leaving:
    """The rows whose record is no longer there: those to delete, and those that stay since they are
    referenced; ``refer`` is what refers to these, by primary key."""

    entity: Entity
    removed: Sequence[BridgeRow]
    staying: Sequence[BridgeRow]
    refer: Mapping[int, dict[str, int]]

    @classmethod
    def of(
        cls, connection: psycopg.Connection[Any], entity: Entity, differences: Differences
    ) -> Leaving:
        """By what refers to them now; a linked event stays for its link."""
        rows = differences.leaving
        refer = {**held(connection, entity.table.fullname, [row.row_id for row in rows])}
        if entity is EVENTS:
            refer |= {
                row.row_id: {**refer.get(row.row_id, {}), _EVENT_LINK: 1}
                for row in rows
                if row.link
            }
        staying = [row for row in rows if row.row_id in refer]
        return cls(entity, [row for row in rows if row.row_id not in refer], staying, refer)

    def entries(self, connection: psycopg.Connection[Any]) -> Iterator[Entry]:
        """The events of both."""
        yield from _removals(connection, self.entity, self.removed)
        yield from _staying(self.entity, self.staying, self.refer)

    def kept_lines(self) -> Iterator[str]:
        """What refers to each row that stays."""
        for row in self.staying:
            yield f"{row.key}: {references_in_words(self.refer[row.row_id])}"


def observations(entity: Entity, found: Differences, row_ids: Sequence[int]) -> Iterator[Entry]:
    """The events of observed records: new ones, those that are back, and changed ones."""
    table = entity.table.fullname
    for fetched, row_id in zip(found.new, row_ids, strict=True):
        key, fields = fetched.observed.key, fetched.observed.fields
        event = RecordObserved(table=table, key=key, row_id=row_id, fields=fields)
        yield Entry(event, fetched.page)
    for row, fetched in found.returned:
        yield Entry(RecordReturned(table=table, key=row.key, row_id=row.row_id), fetched.page)
    for row, fetched, changes in found.changed:
        changed = RecordChanged(table=table, key=row.key, row_id=row.row_id, changes=changes)
        yield Entry(changed, fetched.page)


def _removals(
    connection: psycopg.Connection[Any], entity: Entity, removed: Sequence[BridgeRow]
) -> Iterator[Entry]:
    """The rows to delete, after the foreign keys to them are set to NULL."""
    for table, row, column in references_to(connection, entity, removed):
        change = FieldChange(before=row.columns[column], after=None)
        yield Entry(
            RecordChanged(table=table, key=row.key, row_id=row.row_id, changes={column: change})
        )
    for row in removed:
        fields = {
            name: field_value(entity.table, name, value)
            for name, value in row.columns.items()
            if name != "id"
        }
        yield Entry(
            RecordVanished(
                table=entity.table.fullname, key=row.key, row_id=row.row_id, fields=fields
            )
        )


def _staying(
    entity: Entity, rows: Sequence[BridgeRow], refer: Mapping[int, dict[str, int]]
) -> Iterator[Entry]:
    """The rows without a record that stay because they are referenced; recorded once."""
    for row in rows:
        if row.gone:
            continue
        # A linked event stays linked, so that it is told what became of it.
        unlinked = None if entity is EVENTS else link_of_gone(entity, row)
        if unlinked is not None:
            yield Entry(unlinked)
        if entity.given_up is not None and row.columns[entity.given_up] is not None:
            change = FieldChange(before=row.columns[entity.given_up], after=None)
            yield Entry(
                RecordChanged(
                    table=entity.table.fullname,
                    key=row.key,
                    row_id=row.row_id,
                    changes={entity.given_up: change},
                )
            )
        yield Entry(
            RecordGone(
                table=entity.table.fullname,
                key=row.key,
                row_id=row.row_id,
                referred_by=refer[row.row_id],
            )
        )
