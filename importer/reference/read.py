"""Reads the reference data for validating a workbook, of the database and of Administrate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from attrs import evolve, frozen

from importer.reference import administrate as remote
from importer.reference.database import TutorialReference, read_tutorial_reference
from importer.reference.earlier_imports import read_earlier_events
from importer.reference.other_imports import read_left_out, read_reserved
from importer.reference.values import EarlierEvent, RecordKind, Reference
from importer.workbook.cells import UnreadableError
from importer.workbook.names import names_in
from importer.workbook.row import SheetRow
from importer.workbook.sheet import Sheet
from importer.workbook.template import fold
from ledger.database.connection import Database, driver
from ledger.tables.shapes.observed import check_fillable
from sync.administrate.client import Administrate
from sync.administrate.reads import lookups


@frozen(kw_only=True)
class ReferenceData(TutorialReference):
    """The reference for validation, with Administrate's part.

    ``sheet`` is the one to validate, with course template codes known; ``earlier`` are the events
    of earlier imports, among them those of a workbook of that name; ``left_out`` names the import
    that left an event out, by the fingerprints of its rows.
    """

    sheet: Sheet
    earlier: tuple[EarlierEvent, ...]
    left_out: Mapping[frozenset[str], str]


def read_reference_data(
    database: Database, client: Administrate, sheet: Sheet, workbook: str
) -> ReferenceData:
    """All reference data of both sides for a sheet; writes nothing.

    Raises ``DatabaseError`` where rows cannot be made in the tutorial tables.
    """
    with database.snapshot() as connection:
        check_fillable(driver(connection))
        local = read_tutorial_reference(connection, _start_dates(sheet.rows))
        reference = local.reference
        sheet = sheet.knowing(template_codes(reference))
        earlier = read_earlier_events(connection, sheet.rows, workbook)
        left_out = read_left_out(driver(connection))
        reserved = read_reserved(driver(connection))
    titles = [title for row in sheet.rows if row.text("code") and (title := row.text("title"))]
    codes = {fold(row.text("code")) for row in sheet.rows}
    wanted = [one for one in reference.course_templates if fold(one.code) in codes]
    approved = lookups.approved_instructors(client, [one.external_id for one in wanted])
    nobody: frozenset[str] = frozenset()
    known = evolve(
        reference,
        course_templates=tuple(
            evolve(one, approved=approved.get(one.external_id, nobody))
            for one in reference.course_templates
        ),
        administrators=remote.administrators(client, names_to_look_up(sheet.rows)),
        known_events=(
            *reference.known_events,
            *(one.event for one in reserved),
            *remote.events_titled(client, titles),
        ),
    )
    return ReferenceData(
        reference=known,
        codes=local.codes.union(one.code for one in reserved),
        title_is_code=local.title_is_code,
        sheet=sheet,
        earlier=earlier,
        left_out=left_out,
    )


def read_local_reference(database: Database) -> Reference:
    """The database's part alone: enough to fill an empty template."""
    with database.snapshot() as connection:
        return read_tutorial_reference(connection, ()).reference


def template_codes(reference: Reference) -> Iterator[str]:
    """The codes on either side, linked or not: a row with one is no hint."""
    yield from (one.code for one in reference.course_templates)
    for record in reference.unlinked:
        if record.entity is RecordKind.COURSE_TEMPLATE:
            yield record.name


def names_to_look_up(rows: Iterable[SheetRow]) -> tuple[str, ...]:
    """Each event administrator's name in the rows, once, as first spelt."""
    names = (name for row in rows for name in names_in(row.text("administrator")))
    return tuple({fold(name): name for name in names}.values())


def _start_dates(rows: Iterable[SheetRow]) -> Iterator[date]:
    for row in rows:
        try:
            if day := row.fact("lms_start_date"):
                yield day
        except UnreadableError:
            continue  # an error that validation reports
