"""Names of records as events tell them, of renamed and deleted ones too; no database needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import define, field

from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    BridgeRowRestored,
    Event,
    RecordChanged,
    RecordIdentified,
    RecordObserved,
    RecordVanished,
    TutorialEventCreated,
    TutorialRecordCarriedOver,
    TutorialRecordRemoved,
    TutorialSessionCreated,
    record_name,
)
from ledger.history.display_names import NAMES
from ledger.values import Personal, Value

_WITH_FIELDS = (
    BridgeRowAdopted,
    BridgeRowRestored,
    RecordIdentified,
    RecordObserved,
    RecordVanished,
    TutorialEventCreated,
    TutorialRecordCarriedOver,
    TutorialRecordRemoved,
    TutorialSessionCreated,
)
_WITH_CHANGES = (BridgeRowEdited, RecordChanged)
# The types of the events that tell a record's name.
TELLING = tuple(kind.__name__ for kind in (*_WITH_FIELDS, *_WITH_CHANGES))


@define
class ToldNames:
    """The names of the records that the events taken in, in order, tell of.

    A bridge row also goes by its primary key: ``adm.locations/17``, ``adm.events/id=17``.
    """

    _fields: dict[str, dict[str, Value]] = field(factory=dict, init=False)

    def take_in(self, event: Event) -> list[str]:
        """Learns from an event; returns the names that its record has had from before it to after
        it, the display name last."""
        record = event.record()
        if record is None or record.partition("/")[0] not in NAMES:
            return []
        row = self._row(event, record)
        names: list[str] = []
        for told in _fields_told(event):
            row.update(told)
            names += reversed(list(_names_in(record, row)))
        return names

    def name_of(self, record: str) -> str | None:
        """The display name as of the last event taken in."""
        return next(_names_in(record, self._fields.get(record, {})), None)

    def __call__(self, record: str) -> str:
        """The record with its display name appended."""
        name = self.name_of(record)
        return f"{record} ({name})" if name else record

    def _row(self, event: Event, record: str) -> dict[str, Value]:
        table = record.partition("/")[0]
        row_id = getattr(event, "row_id", None)
        spelt = [record, f"{table}/{row_id}", f"{table}/id={row_id}"]
        if isinstance(event, RecordIdentified):
            spelt.append(record_name(table, event.former))
        if isinstance(event, BridgeRowEdited) and event.known_as is not None:
            spelt.append(record_name(table, event.known_as))
        row = next((self._fields[one] for one in spelt if one in self._fields), {})
        self._fields.update(dict.fromkeys(spelt, row))
        return row


def _fields_told(event: Event) -> Iterator[Mapping[str, Value]]:
    """The record's fields as the event tells them: before the event, where it tells, and after."""
    if isinstance(event, _WITH_CHANGES):
        yield {name: change.before for name, change in event.changes.items()}
        yield {name: change.after for name, change in event.changes.items()}
    elif isinstance(event, _WITH_FIELDS):
        yield event.fields


def _names_in(record: str, row: Mapping[str, Value]) -> Iterator[str]:
    for columns in NAMES.get(record.partition("/")[0], ()):
        parts = (_text(row.get(column.partition(".")[2])) for column in columns)
        if name := " ".join(part for part in parts if part).strip():
            yield name


def _text(value: Value) -> str | None:
    if isinstance(value, Personal):
        return value.value
    return value if isinstance(value, str) else None
