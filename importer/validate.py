"""A workbook's rows judged: events to create, events to skip, events refused.

Values in, values out: what is known of the world comes as a `Reference`, nothing is asked or
written. Every error of every row is found in one pass, and an event with any bad row is refused
whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from importer.belonging import BEFORE_FIRST
from importer.building import Builder
from importer.cells import UnreadableError, read_date, read_yes_no, shown
from importer.custom_fields import CustomFields
from importer.duplicates import Duplicates, Key, key_of
from importer.events import Refused, RefusedRow, Skipped, SkipReason, Verdict
from importer.grouping import UNKNOWN_KEY, Group, groups
from importer.lookups import Lookups
from importer.problems import CellNote
from importer.products import Catalogue, is_lms
from importer.reference import Reference
from importer.rows import RowReader
from importer.several_names import names_in
from importer.template import RowKind, fold
from importer.workbook import Row, Sheet


def names_to_look_up(sheet: Sheet) -> tuple[str, ...]:
    """Each name that the workbook gives as an event administrator, once, as first spelt."""
    cells = (shown(sheet.value(row, "administrator")) for row in sheet.rows)
    names = (name for cell in cells for name in names_in(cell))
    return tuple({fold(name): name for name in names}.values())


def validate(sheet: Sheet, reference: Reference, *, approve: bool = True) -> Iterator[Verdict]:
    """Judge the sheet's events in its order; each row of it is in exactly one verdict.

    Raises `WorkbookError` before the first where Administrate lacks a custom field every import
    sets. Without ``approve``, instructors who are not approved are errors.
    """
    builder = Builder(
        Lookups.of(reference),
        Catalogue.of(reference),
        CustomFields.of(reference),
        approve,
        reference.longest,
    )
    duplicates = Duplicates.of(reference.known_events)
    for group in groups(sheet):
        if group.event is None:
            yield _refuse_stray(sheet, group)
        else:
            yield from _judge(sheet, group, group.event, builder, duplicates)


def _judge(
    sheet: Sheet, group: Group, row: Row, builder: Builder, duplicates: Duplicates
) -> Iterator[Verdict]:
    title = shown(sheet.value(row, "title"))
    rows = tuple(one.number for one in (row, *group.sessions))
    if _is_cancelled(sheet, row):
        moved = _moved(sheet, group, group.sessions)
        yield Skipped(rows, title, group.event_key, SkipReason.CANCELLED, notes=moved)
        return
    key = _key(sheet, row)
    twin = duplicates.twin(key) if key and not group.problem else None
    if twin is not None:
        moved = _moved(sheet, group, group.sessions)
        yield Skipped(rows, title, group.event_key, SkipReason.DUPLICATE, twin, moved)
        return
    for session in group.sessions:
        if _is_cancelled(sheet, session):
            name = shown(sheet.value(session, "session_title"))
            moved, own = _moved(sheet, group, [session]), (session.number,)
            yield Skipped(own, name, group.event_key, SkipReason.CANCELLED, notes=moved)
    event = _reader(sheet, group, row, _kind(sheet, row))
    sessions = [
        _reader(sheet, group, session, RowKind.SESSION)
        for session in group.sessions
        if not _is_cancelled(sheet, session)
    ]
    built = builder.build(group, event, sessions)
    if built is None:
        yield _refused(title, group, [event, *sessions])
        return
    duplicates.accept(key_of(built.template.code, built.title, built.start_date), built.row)
    yield built


def _reader(sheet: Sheet, group: Group, row: Row, kind: RowKind) -> RowReader:
    """A reader of the row that has noted what its title and its place say of each other."""
    reader = RowReader(sheet, row, kind)
    if (owner := group.owners.get(row.number)) is not None:
        if owner.note:
            reader.tell("session_title", owner.note)
        if owner.problem:
            reader.refuse("session_title", owner.problem, _ITS_EVENT)
    return reader


def _moved(sheet: Sheet, group: Group, rows: Iterable[Row]) -> tuple[CellNote, ...]:
    """What is said of rows that are not read because their event is skipped."""
    readers = (_reader(sheet, group, row, RowKind.SESSION) for row in rows)
    return tuple(note for reader in readers for note in reader.notes)


def _kind(sheet: Sheet, row: Row) -> RowKind:
    return RowKind.LMS if is_lms(shown(sheet.value(row, "code"))) else RowKind.BLENDED


def _is_cancelled(sheet: Sheet, row: Row) -> bool:
    try:
        return read_yes_no(sheet.value(row, "cancelled"))
    except UnreadableError:
        return False  # blank, or noted as an error when the row is read


def _key(sheet: Sheet, row: Row) -> Key | None:
    try:
        start = read_date(sheet.value(row, "lms_start_date"))
    except UnreadableError:
        return None
    return key_of(shown(sheet.value(row, "code")), shown(sheet.value(row, "title")), start)


def _refused(title: str, group: Group, readers: list[RowReader]) -> Refused:
    """The event's rows, each with its errors or with where the errors are."""
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
