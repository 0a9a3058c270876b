"""The custom fields of events and sessions, and the format of their values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import define, field

from importer.reference.values import CustomField, Reference
from importer.workbook import cells
from importer.workbook.cells import Value
from importer.workbook.problems import WorkbookError
from importer.workbook.template import normal

EVENT_LABELS = ("Sitting", "Finalisation date", "URL", "Web sale", "OCR Moodle Code")
SESSION_LABELS = {"day": "Day", "session_url": "URL"}
"""The fields that sessions set where Administrate has them, by the template's column."""

Fact = str | int | bool | date
"""A value as it was read, before it is written the way the field's type asks."""

_LONGEST = 32_767
_LARGEST = 999_999_999


@define
class CustomFields:
    """The definitions of a reference by entity type and label (compared as headers are)."""

    _definitions: dict[tuple[str, str], CustomField] = field(factory=dict)

    @classmethod
    def of(cls, reference: Reference) -> CustomFields:
        """Index the definitions; raises `WorkbookError` naming each that every import needs."""
        fields = cls({(f.entity_type, normal(f.label)): f for f in reference.custom_fields})
        if missing := fields.lacking("Event", EVENT_LABELS):
            named = ", ".join(f"{label!r} (Event)" for label in missing)
            raise WorkbookError(
                f"Administrate's custom fields lack {named}. Define them there if they are "
                "missing, have the user whom the key stands for permitted to read them if they "
                "are not shown, then run `admsync sync custom-fields`."
            )
        return fields

    def lacking(self, entity_type: str, labels: Iterable[str]) -> list[str]:
        """The labels without a field of the type."""
        return [label for label in labels if self.labelled(entity_type, label) is None]

    def labelled(self, entity_type: str, label: str) -> CustomField | None:
        """The definition with that label for ``Event`` or ``Session``."""
        return self._definitions.get((entity_type, normal(label)))

    def values(self, entity_type: str, facts: Iterable[tuple[str, Fact | None]]) -> dict[str, str]:
        """The texts of the facts' fields, by key, for facts by label; one that is None leaves its
        field unchanged."""
        found = ((self.labelled(entity_type, label), fact) for label, fact in facts)
        return {
            definition.key: _written(definition, fact)
            for definition, fact in found
            if definition is not None and fact is not None
        }

    def typed(self, definition: CustomField, value: Value) -> str:
        """The typed value of a field, read by its type; raises `UnreadableError`."""
        fact: Fact
        match definition.field_type:
            case "checkbox":
                fact = cells.read_yes_no(value)
            case "date":
                fact = cells.read_date(value)
            case "time":
                fact = cells.read_time(value).isoformat()
            case "integer":
                fact = cells.read_number(value, -_LARGEST, _LARGEST)
            case "url":
                fact = cells.read_url(value)
            case _:
                fact = cells.read_text(value, _LONGEST)
        return _written(definition, fact)


def _written(definition: CustomField, fact: Fact) -> str:
    if isinstance(fact, bool):
        if definition.field_type == "checkbox":
            return "true" if fact else "false"
        return "Y" if fact else "N"
    return fact.isoformat() if isinstance(fact, date) else str(fact)
