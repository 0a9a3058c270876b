"""Validates a workbook's rows: events to create, events to skip, events refused.

A pure function of the rows and a `Reference`. Every error of every row is found in one pass, and
an event with any bad row is refused whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from importer.reference.values import EarlierEvent, EarlierRow, Reference
from importer.validation.changes import CellChange, changes, is_cancelled
from importer.validation.duplicates import Duplicates, Key, Twin, key_of
from importer.validation.earlier_events import EarlierEvents
from importer.validation.event import Builder
from importer.validation.row_reader import RowReader
from importer.validation.verdicts import (
    Accepted,
    Refused,
    RefusedRow,
    Skipped,
    SkipReason,
    Verdict,
)
from importer.workbook.cells import UnreadableError
from importer.workbook.column import RowKind
from importer.workbook.grouping import UNKNOWN_KEY, Group, Stray, fingerprint, groups
from importer.workbook.problems import CellNote
from importer.workbook.row import SheetRow
from importer.workbook.session_owner import BEFORE_FIRST
from importer.workbook.template import is_lms


def validate(
    rows: Sequence[SheetRow],
    reference: Reference,
    *,
    approve: bool = True,
    earlier: EarlierEvents | None = None,
    left_out: Mapping[frozenset[str], str] | None = None,
) -> Iterator[Verdict]:
    """Validates a sheet's events in order; each row is in exactly one verdict.

    An event of an ``earlier`` import is not created again; where its rows have changed, that is
    reported, and validated like a new one. Nor is one that an import ``left_out``, by the
    fingerprints of its rows.

    Raises `WorkbookError` before the first where Administrate lacks a custom field every import
    sets. Without ``approve``, instructors who are not approved are errors.
    """
    builder = Builder.of(reference, approve=approve)
    duplicates = Duplicates.of(reference.known_events)
    for group in groups(rows):
        if isinstance(group, Stray):
            yield _refuse_stray(group)
        else:
            before = earlier.find(group) if earlier and not group.problem else None
            held = (fingerprint(row) for row in group.rows if not is_cancelled(row))
            run = left_out.get(frozenset(held)) if left_out else None
            yield from _EventRows(group, builder, duplicates, before, run).verdicts()


@frozen
class _EventRows:
    """An event's rows, the data to validate them, the event that an earlier import made of them,
    and the import that left it out."""

    group: Group
    builder: Builder
    duplicates: Duplicates
    before: EarlierEvent | None
    left_out: str | None

    def verdicts(self) -> Iterator[Verdict]:
        """The event's own, last, and those of its cancelled sessions."""
        group, own = self.group, self.group.event
        twin = self._twin()
        changed = tuple(changes(group, twin.rows)) if twin and twin.rows else ()
        if is_cancelled(own):
            # A cancellation after the import is such a change.
            yield self._skipped(SkipReason.CANCELLED, changed=changed if self.before else ())
            return
        if twin is not None and not changed:
            yield self._skipped(SkipReason.DUPLICATE, twin.place)
            return
        if twin is None and self.left_out:
            yield self._skipped(SkipReason.LEFT_OUT, self.left_out)
            return
        kind = RowKind.LMS if is_lms(own.text("code")) else RowKind.BLENDED
        held = [one for one in group.sessions if not is_cancelled(one)]
        readers = [_reader(group, own, kind), *_readers(group, held)]
        event = self.builder.build(group, *readers)
        if twin is not None and event is not None:
            skipped = self._skipped(SkipReason.DUPLICATE, twin.place, changed)
            record = self.before.record if self.before else ""
            yield evolve(skipped, record=record, event=event)
            return
        for row in (one for one in group.sessions if one not in held):
            title, notes = row.text("session_title"), _notes(_readers(group, [row]))
            reason = SkipReason.CANCELLED
            yield Skipped((row.number,), title, group.event_key, reason, notes=notes)
        if event is None:
            yield _refused(group, readers, changed)
            return
        key = key_of(event.template_code, event.title, event.lms.start.date())
        rows = tuple(EarlierRow(row.number, row.texts) for row in group.rows)
        self.duplicates.accept(key, event.row, rows)
        yield Accepted(event, self.builder.names, _notes(readers))

    def _skipped(
        self, reason: SkipReason, twin: str | None = None, changed: tuple[CellChange, ...] = ()
    ) -> Skipped:
        group = self.group
        rows, title = tuple(row.number for row in group.rows), group.event.text("title")
        notes = _notes(_readers(group, group.sessions))
        return Skipped(rows, title, group.event_key, reason, twin, notes, changed)

    def _twin(self) -> Twin | None:
        """The equal event, where there is one already."""
        key = _key(self.group.event)
        found = self.duplicates.twin(key) if key and not self.group.problem else None
        if self.before is None:
            return found
        return Twin(found.place if found else str(self.before), self.before.rows)


def _reader(group: Group, row: SheetRow, kind: RowKind) -> RowReader:
    """A reader of the row, with the notes about its title and its place."""
    reader = RowReader(row, kind)
    if (owner := group.owners.get(row.number)) is not None:
        if owner.note:
            reader.warn("session_title", owner.note)
        if owner.problem:
            reader.refuse("session_title", owner.problem, _ITS_EVENT)
    return reader


def _readers(group: Group, sessions: Iterable[SheetRow]) -> list[RowReader]:
    return [_reader(group, row, RowKind.SESSION) for row in sessions]


def _notes(readers: Iterable[RowReader]) -> tuple[CellNote, ...]:
    return tuple(note for reader in readers for note in reader.notes)


def _key(row: SheetRow) -> Key | None:
    try:
        day = row.fact("lms_start_date")
    except UnreadableError:
        return None
    return day and key_of(row.text("code"), row.text("title"), day)


def _refused(group: Group, readers: list[RowReader], changed: tuple[CellChange, ...]) -> Refused:
    """The event's rows, each with its errors or with the row that has some."""
    wrong = next(reader.row.number for reader in readers if reader.errors)
    note = f"set aside with its event: see row {wrong}"
    rows = (
        RefusedRow(one.row.number, tuple(one.errors), "" if one.errors else note, group.event_key)
        for one in readers
    )
    return Refused(group.event.text("title"), tuple(rows), _notes(readers), changed)


def _refuse_stray(stray: Stray) -> Refused:
    reader = RowReader(stray.row, RowKind.SESSION)
    if stray.problem.startswith((BEFORE_FIRST, UNKNOWN_KEY)):
        reader.refuse("code", stray.problem, "a course template code, if the row begins an event")
    else:
        reader.refuse("session_title", stray.problem, _ITS_EVENT)
    row = RefusedRow(stray.row.number, tuple(reader.errors))
    return Refused(stray.row.text("session_title"), (row,))


_ITS_EVENT = "a title that begins with its event's, under the row of that event"
