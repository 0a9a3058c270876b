"""Validates a workbook's rows: events to create, events to skip, events refused.

A pure function of the sheet and a `Reference`. Every error of every row is found in one pass, and
an event with any bad row is refused whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from importer.reference.values import Reference
from importer.validation.duplicates import Duplicates, Key, Twin, key_of
from importer.validation.earlier_events import EarlierEvent, EarlierEvents
from importer.validation.edited import Change, changes, is_cancelled, rows_of
from importer.validation.event import Builder
from importer.validation.rows import RowReader
from importer.validation.verdicts import Accepted, Refused, RefusedRow, Skipped, SkipReason, Verdict
from importer.workbook.cells import UnreadableError, read_date, shown
from importer.workbook.grouping import UNKNOWN_KEY, Group, groups
from importer.workbook.names import names_in
from importer.workbook.problems import CellNote
from importer.workbook.session_owner import BEFORE_FIRST
from importer.workbook.sheet import Row, Sheet
from importer.workbook.template import RowKind, fold, is_lms


def names_to_look_up(sheet: Sheet) -> tuple[str, ...]:
    """Each event administrator's name in the workbook, once, as first spelt."""
    cells = (shown(sheet.value(row, "administrator")) for row in sheet.rows)
    names = (name for cell in cells for name in names_in(cell))
    return tuple({fold(name): name for name in names}.values())


def validate(
    sheet: Sheet,
    reference: Reference,
    *,
    approve: bool = True,
    earlier: EarlierEvents | None = None,
) -> Iterator[Verdict]:
    """Validates the sheet's events in order; each row is in exactly one verdict.

    An event of an ``earlier`` import is not created again; where its rows have changed, that is
    reported, and validated like a new one.

    Raises `WorkbookError` before the first where Administrate lacks a custom field every import
    sets. Without ``approve``, instructors who are not approved are errors.
    """
    builder = Builder.of(reference, approve=approve)
    duplicates = Duplicates.of(reference.known_events)
    for group in groups(sheet):
        if group.event is None:
            yield _refuse_stray(sheet, group)
        else:
            before = earlier.find(sheet, group) if earlier and not group.problem else None
            judged = _Judged(sheet, group, group.event, builder, duplicates, before)
            yield from _judge(judged)


@frozen
class _Judged:
    """An event's rows, what they are judged by, and what an earlier import made of them."""

    sheet: Sheet
    group: Group
    row: Row
    builder: Builder
    duplicates: Duplicates
    before: EarlierEvent | None

    def skipped(
        self, reason: SkipReason, twin: str | None = None, changed: tuple[Change, ...] = ()
    ) -> Skipped:
        rows = tuple(one.number for one in (self.row, *self.group.sessions))
        title = shown(self.sheet.value(self.row, "title"))
        moved = _moved(self.sheet, self.group, self.group.sessions)
        return Skipped(rows, title, self.group.event_key, reason, twin, moved, changed)

    def twin(self) -> Twin | None:
        """The same event, where there is one already."""
        key = _key(self.sheet, self.row)
        found = self.duplicates.twin(key) if key and not self.group.problem else None
        if self.before is None:
            return found
        return Twin(found.told if found else self.before.told, self.before.rows)


def _judge(judged: _Judged) -> Iterator[Verdict]:
    sheet, group, row, builder = judged.sheet, judged.group, judged.row, judged.builder
    title = shown(sheet.value(row, "title"))
    twin = judged.twin()
    changed = changes(sheet, group, twin.rows) if twin and twin.rows else ()
    if is_cancelled(sheet, row):
        # A cancellation after the import is such a change.
        yield judged.skipped(SkipReason.CANCELLED, changed=changed if judged.before else ())
        return
    if twin is not None and not changed:
        yield judged.skipped(SkipReason.DUPLICATE, twin.told)
        return
    event = _reader(sheet, group, row, _kind(sheet, row))
    held = [one for one in group.sessions if not is_cancelled(sheet, one)]
    sessions = [_reader(sheet, group, session, RowKind.SESSION) for session in held]
    built = builder.build(group, event, sessions)
    if twin is not None and built is not None:
        yield judged.skipped(SkipReason.DUPLICATE, twin.told, changed)
        return
    for session in group.sessions:
        if session not in held:
            name = shown(sheet.value(session, "session_title"))
            moved, own = _moved(sheet, group, [session]), (session.number,)
            yield Skipped(own, name, group.event_key, SkipReason.CANCELLED, notes=moved)
    if built is None:
        yield _refused(title, group, [event, *sessions], changed)
        return
    key = key_of(built.template_code, built.title, built.lms.start.date())
    judged.duplicates.accept(key, built.row, rows_of(sheet, group))
    notes = tuple(note for reader in (event, *sessions) for note in reader.notes)
    yield Accepted(built, builder.names, notes)


def _reader(sheet: Sheet, group: Group, row: Row, kind: RowKind) -> RowReader:
    """A reader of the row, with the notes about its title and its place."""
    reader = RowReader(sheet, row, kind)
    if (owner := group.owners.get(row.number)) is not None:
        if owner.note:
            reader.warn("session_title", owner.note)
        if owner.problem:
            reader.refuse("session_title", owner.problem, _ITS_EVENT)
    return reader


def _moved(sheet: Sheet, group: Group, rows: Iterable[Row]) -> tuple[CellNote, ...]:
    """What is said of rows that are not read because their event is skipped."""
    readers = (_reader(sheet, group, row, RowKind.SESSION) for row in rows)
    return tuple(note for reader in readers for note in reader.notes)


def _kind(sheet: Sheet, row: Row) -> RowKind:
    return RowKind.LMS if is_lms(shown(sheet.value(row, "code"))) else RowKind.BLENDED


def _key(sheet: Sheet, row: Row) -> Key | None:
    try:
        start = read_date(sheet.value(row, "lms_start_date"))
    except UnreadableError:
        return None
    return key_of(shown(sheet.value(row, "code")), shown(sheet.value(row, "title")), start)


def _refused(
    title: str, group: Group, readers: list[RowReader], changed: tuple[Change, ...]
) -> Refused:
    """The event's rows, each with its errors or with the rows that have errors."""
    wrong = next(reader.row.number for reader in readers if reader.errors)
    note = f"set aside with its event: see row {wrong}"
    return Refused(
        title,
        tuple(
            RefusedRow(
                reader.row.number,
                tuple(reader.errors),
                "" if reader.errors else note,
                group.event_key,
            )
            for reader in readers
        ),
        tuple(note for reader in readers for note in reader.notes),
        changed,
    )


def _refuse_stray(sheet: Sheet, group: Group) -> Refused:
    reader = RowReader(sheet, group.sessions[0], RowKind.SESSION)
    if group.problem.startswith((BEFORE_FIRST, UNKNOWN_KEY)):
        reader.refuse("code", group.problem, "a course template code, if the row begins an event")
    else:
        reader.refuse("session_title", group.problem, _ITS_EVENT)
    title = shown(sheet.value(reader.row, "session_title"))
    return Refused(title, (RefusedRow(reader.row.number, tuple(reader.errors)),))


_ITS_EVENT = "a title that begins with its event's, under the row of that event"
