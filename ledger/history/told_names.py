"""Names of records as events tell them, of renamed and deleted ones too; no database needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import define, field

from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    BridgeRowRestored,
    Event,
    EventPlanned,
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
from ledger.history.name_columns import NAMES
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
TELLING = tuple(kind.__name__ for kind in (*_WITH_FIELDS, *_WITH_CHANGES, EventPlanned))


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
        row = self._row(event)
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

    def spellings(self, event: Event) -> list[str]:
        """The names in the ledger of the event's record, those by its primary key among them."""
        record = str(event.record())
        table = record.partition("/")[0]
        spelt = [record]
        if (row_id := getattr(event, "row_id", None)) is not None:
            spelt += [f"{table}/{row_id}", f"{table}/id={row_id}"]
        return [*spelt, *former_and_next(event)]

    def _row(self, event: Event) -> dict[str, Value]:
        spelt = self.spellings(event)
        row = next((self._fields[one] for one in spelt if one in self._fields), {})
        self._fields.update(dict.fromkeys(spelt, row))
        return row


def former_and_next(event: Event) -> list[str]:
    """The name in the ledger that a record had before the event, or has from there on, where that
    is not the one that the event is recorded under."""
    if isinstance(event, RecordIdentified):
        return [record_name(event.table, event.former)]
    if isinstance(event, BridgeRowEdited) and event.known_as is not None:
        return [record_name(event.table, event.known_as)]
    return []


def _fields_told(event: Event) -> Iterator[Mapping[str, Value]]:
    """The record's fields as the event tells them: before the event, where it tells, and after."""
    if isinstance(event, _WITH_CHANGES):
        yield {name: change.before for name, change in event.changes.items()}
        yield {name: change.after for name, change in event.changes.items()}
    elif isinstance(event, _WITH_FIELDS):
        yield event.fields
    elif isinstance(event, EventPlanned):
        yield {name: event.plan[name] for name in ("code",) if name in event.plan}


def _names_in(record: str, row: Mapping[str, Value]) -> Iterator[str]:
    for columns in NAMES.get(record.partition("/")[0], ()):
        parts = (_text(row.get(column.partition(".")[2])) for column in columns)
        if name := " ".join(part for part in parts if part).strip():
            yield name


def _text(value: Value) -> str | None:
    if isinstance(value, Personal):
        return value.value
    return value if isinstance(value, str) else None
