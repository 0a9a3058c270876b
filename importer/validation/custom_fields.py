"""The custom fields of events and sessions, and the format of their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import define, field

from importer.reference.values import CustomField, Reference
from importer.validation.row_reader import RowReader
from importer.workbook import cells
from importer.workbook.cells import CellFault, UnreadableError, Value, is_blank
from importer.workbook.problems import WorkbookError
from importer.workbook.template import DETAILS, EVENT_VALUES, SESSION_VALUES, normal

Fact = str | int | bool | date
"""A value as it was read, before it is written the way the field's type asks."""

_LONGEST = 32_767
_LARGEST = 999_999_999


@define
class CustomFields:
    """The definitions of a reference by entity type and label (compared as headers are)."""

    _definitions: dict[tuple[str, str], CustomField]
    _planned: dict[str, list[tuple[str, CustomField]]] = field(init=False)

    @_planned.default
    def _place(self) -> dict[str, list[tuple[str, CustomField]]]:
        columns = {"Event": EVENT_VALUES, "Session": SESSION_VALUES}
        return {
            kind: [
                (one.to.planned, definition)
                for one in of_kind
                if (definition := self._labelled(kind, one.to.custom_field))
            ]
            for kind, of_kind in columns.items()
        }

    @classmethod
    def of(cls, reference: Reference) -> CustomFields:
        """Index the definitions; raises `WorkbookError` naming each that every import needs."""
        fields = cls({(f.entity_type, normal(f.label)): f for f in reference.custom_fields})
        labels = (column.to.custom_field for column in EVENT_VALUES if column.to.custom_field)
        if missing := [label for label in labels if fields._labelled("Event", label) is None]:
            named = ", ".join(f"{label!r} (Event)" for label in missing)
            raise WorkbookError(
                f"Administrate's custom fields lack {named}. Define them there if they are "
                "missing, have the user whom the key stands for permitted to read them if they "
                "are not shown, then run `admsync sync custom-fields`."
            )
        return fields

    def _labelled(self, entity_type: str, label: str) -> CustomField | None:
        return self._definitions.get((entity_type, normal(label)))

    def values(self, entity_type: str, facts: Mapping[str, Any]) -> dict[str, str]:
        """The texts of the plain columns' fields, by key; a fact that is None leaves its field
        unchanged."""
        return {
            definition.key: _written(definition, facts[planned])
            for planned, definition in self._planned[entity_type]
            if facts[planned] is not None
        }

    def optional(self, event: RowReader) -> dict[str, str]:
        """The texts of an event's fields, by key, in columns of details and in those outside the
        template; each is read by the field's type."""
        columns = event.row.columns
        labels = {
            columns.index[column.key]: column.to.custom_field
            for column in DETAILS
            if column.key in columns.index and column.to.custom_field
        }
        values = {}
        for index, label in sorted((labels | dict(columns.extras)).items()):
            definition, value = self._labelled("Event", label), event.row.at(index)
            # A cell without a value is an error of the row already.
            if definition is None or is_blank(value) or isinstance(value, CellFault):
                continue
            try:
                values[definition.key] = _written(definition, _typed(definition, value))
            except UnreadableError as error:
                event.refuse_at(index, error.problem, error.expected)
        return values


def _typed(definition: CustomField, value: Value) -> Fact:
    """A cell by the field's type; raises `UnreadableError`."""
    match definition.field_type:
        case "checkbox":
            return cells.read_yes_no(value)
        case "date":
            return cells.read_date(value)
        case "time":
            return cells.read_time(value).isoformat()
        case "integer":
            return cells.read_number(value, -_LARGEST, _LARGEST)
        case "url":
            return cells.read_url(value)
    return cells.read_text(value, _LONGEST)


def _written(definition: CustomField, fact: Fact) -> str:
    if isinstance(fact, bool):
        if definition.field_type == "checkbox":
            return "true" if fact else "false"
        return "Y" if fact else "N"
    return fact.isoformat() if isinstance(fact, date) else str(fact)
