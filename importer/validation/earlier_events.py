"""Recognises events of earlier imports in the rows of a workbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from attrs import define, field

from importer.reference.values import EarlierEvent, EarlierRow
from importer.validation.equivalence import are_equivalent, day_of
from importer.workbook.grouping import Group
from importer.workbook.row import SheetRow
from importer.workbook.template import BY_KEY, fold

_CODE, _TITLE, _SITTING, _SESSION, _CLASSROOM, _START = (
    BY_KEY[key].header
    for key in (
        "code",
        "title",
        "sitting",
        "session_title",
        "classroom_start_date",
        "lms_start_date",
    )
)
_Key: TypeAlias = tuple[str, str]
_Cells: TypeAlias = Mapping[str, str | None]


@define
class EarlierEvents:
    """The events of earlier imports by template and title, by event key and by imported row."""

    _here: frozenset[_Key]
    _starting_here: frozenset[tuple[_Key, object]]
    _by_title: dict[_Key, list[EarlierEvent]] = field(factory=lambda: defaultdict(list))
    _by_key: dict[str, EarlierEvent] = field(factory=dict)
    _by_row: dict[int, EarlierEvent] = field(factory=dict)
    _by_rest: dict[frozenset[tuple[str, str]], EarlierEvent] = field(factory=dict)

    @classmethod
    def of(
        cls, events: Iterable[EarlierEvent], workbook: str, rows: Iterable[SheetRow]
    ) -> EarlierEvents:
        """Index the events, the newest last, for the rows of a file of that name."""
        here = [row.texts for row in rows]
        earlier = cls(
            frozenset(_key(cells) for cells in here),
            frozenset((_key(cells), day_of(cells.get(_START, ""))) for cells in here),
        )
        for event in events:
            own = event.rows[0]
            earlier._by_title[_key(own.cells)].append(event)
            earlier._by_key[event.event_key] = event
            if event.workbook == workbook:
                earlier._by_row[own.number] = event
            if own.text(_SESSION):
                earlier._by_rest[_rest(own.cells)] = event
        return earlier

    def find(self, group: Group) -> EarlierEvent | None:
        """The event that an event's row made when it was imported; None for one that is new.

        It is known by template and title; of several, the one that starts on the same day. Where
        one of the two was changed, by the event key of a receipt, by its row in the workbook of
        that name, or as the row that says all else alike: unless another row of the sheet has both.
        """
        now = group.event.texts
        titled = [one for one in self._by_title.get(_key(now), ()) if _may_be(one, now)]
        for one in reversed(titled):
            if are_equivalent(_START, one.rows[0].text(_START), now.get(_START, "")):
                return one
        if len(titled) == 1 and not self._is_at_its_start(titled[0]):
            return titled[0]
        if titled:
            return None
        return next((one for one in self._at_row(group, now) if self._is_edited(one, now)), None)

    def _at_row(self, group: Group, now: Mapping[str, str]) -> Iterator[EarlierEvent]:
        """The events whose row it may be, whatever it is titled."""
        found = (
            self._by_key.get(group.event_key),
            self._by_row.get(group.event.number),
            self._by_rest.get(_rest(now)),
        )
        yield from (one for one in found if one is not None)

    def _is_edited(self, event: EarlierEvent, now: Mapping[str, str]) -> bool:
        """Whether a row is that of the event with another title or another template, and no row
        for another event: of another sitting, say, typed over the old ones."""
        own = event.rows[0]
        if _key(own.cells) in self._here:
            return False
        day = _CLASSROOM if own.text(_CLASSROOM) else _START
        return (
            (_is_alike(own, now, _CODE) or _is_alike(own, now, _TITLE))
            and _is_alike(own, now, _SITTING)
            and (_is_alike(own, now, _SESSION) or _is_alike(own, now, day))
        )

    def _is_at_its_start(self, event: EarlierEvent) -> bool:
        """Whether a row of the sheet has the event's template, title and start."""
        own = event.rows[0]
        return (_key(own.cells), day_of(own.text(_START))) in self._starting_here


def _may_be(event: EarlierEvent, now: Mapping[str, str]) -> bool:
    """Whether an event of the same title is the same one: that of another sitting which starts on
    another day is another."""
    own = event.rows[0]
    return any(
        are_equivalent(column, own.text(column), now.get(column, ""))
        for column in (_SITTING, _START)
    )


def _is_alike(own: EarlierRow, now: Mapping[str, str], column: str) -> bool:
    before = own.text(column)
    return bool(before) and are_equivalent(column, before, now.get(column, ""))


def _rest(cells: _Cells) -> frozenset[tuple[str, str]]:
    """A row's cells except the title, for comparison."""
    return frozenset(
        (column, fold(text or "")) for column, text in cells.items() if column != _TITLE
    )


def _key(cells: _Cells) -> _Key:
    return fold(cells.get(_CODE) or ""), fold(cells.get(_TITLE) or "")
