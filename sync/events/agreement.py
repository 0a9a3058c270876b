"""What both sides agree on once this program has written into both, as Administrate answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen

from ledger.events import FieldsAgreed, record_name
from ledger.events.agreement import Pair
from ledger.tables.shapes.shape import TutorialTables
from ledger.values import Fields
from sync.administrate.reads.listings import Record
from sync.events.fields import TUTORIAL_TABLES, administrate_values, held_fields
from sync.events.labels import TYPES
from sync.events.tutorial_rows import TutorialRow


@frozen
class Agreement:
    """The tutorial tables of a database, and the labels of custom fields: what an answered write
    is read with."""

    tables: TutorialTables
    labels: Mapping[str, Mapping[str, str]]

    def values(self, table: str, record: Record) -> dict[str, Any]:
        """The compared fields of a record of Administrate, as far as it was selected."""
        return administrate_values(record, table, self.labels.get(TYPES[table], {}))

    def written(
        self,
        table: str,
        key: str,
        row_id: int,
        tutorial_id: int,
        record: Record,
        fields: Fields,
        but_for: Collection[str] = (),
    ) -> FieldsAgreed | None:
        """What an import has written here, as the ``fields`` of its ledger event, and Administrate
        has answered; ``but_for`` the fields that another write is to set. ``None``: nothing."""
        tutorial = TUTORIAL_TABLES[table]
        row = TutorialRow(tutorial_id, self.tables.row(tutorial, fields))
        values = self.values(table, record)
        pairs = {
            name: Pair(administrate=values[name], tutorial=row.value(held))
            for held in held_fields(table, self.tables)
            if held.columns and (name := held.field.name) in values and name not in but_for
        }
        if not pairs:
            return None
        return FieldsAgreed(
            table=table,
            key=key,
            row_id=row_id,
            tutorial=record_name(tutorial, tutorial_id),
            pairs=pairs,
            by="import",
        )
