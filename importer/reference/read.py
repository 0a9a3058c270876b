"""Reads the reference data for validating a workbook, of the database and of Administrate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import evolve, frozen

from importer.reference import administrate as remote
from importer.reference.database import read_tutorial_reference
from importer.reference.earlier_imports import read_earlier_events
from importer.reference.values import Entity, Reference
from importer.validation.earlier_events import EarlierEvent
from importer.validation.validate import names_to_look_up
from importer.workbook.cells import UnreadableError, read_date, shown
from importer.workbook.sheet import Row, Sheet
from importer.workbook.template import fold
from ledger.database.connection import Database, driver
from ledger.tables.shapes.observed import check_fillable
from sync.administrate.client import Administrate
from sync.administrate.reads import lookups


@frozen
class ReferenceData:
    """The reference for validation, and the code of every tutorial event.

    ``title_is_code`` where every event's code must be its title; ``sheet`` is the one to validate,
    with course template codes known; ``earlier`` are the events of earlier imports, among them
    those of a workbook of that name.
    """

    reference: Reference
    codes: frozenset[str]
    title_is_code: bool
    sheet: Sheet
    earlier: tuple[EarlierEvent, ...] = ()


def read_reference_data(
    database: Database, client: Administrate, sheet: Sheet, workbook: str
) -> ReferenceData:
    """All reference data of both sides for a sheet; writes nothing.

    Raises ``DatabaseError`` where rows cannot be made in the tutorial tables.
    """
    with database.snapshot() as connection:
        check_fillable(driver(connection))
        local = read_tutorial_reference(connection, _start_dates(sheet))
        reference = local.reference
        sheet = sheet.knowing(template_codes(reference))
        earlier = read_earlier_events(connection, sheet, workbook)
    titles = [title for row in sheet.rows if (title := _title(sheet, row))]
    codes = {fold(shown(sheet.value(row, "code"))) for row in sheet.rows}
    wanted = [one for one in reference.course_templates if fold(one.code) in codes]
    approved = lookups.approved_instructors(client, [one.external_id for one in wanted])
    nobody: frozenset[str] = frozenset()
    known = evolve(
        reference,
        course_templates=tuple(
            evolve(one, approved=approved.get(one.external_id, nobody))
            for one in reference.course_templates
        ),
        administrators=remote.administrators(client, names_to_look_up(sheet)),
        known_events=(*reference.known_events, *remote.events_titled(client, titles)),
    )
    return ReferenceData(known, local.codes, local.title_is_code, sheet, earlier)


def read_local_reference(database: Database) -> Reference:
    """The database's part alone: enough to fill an empty template."""
    with database.snapshot() as connection:
        return read_tutorial_reference(connection, ()).reference


def template_codes(reference: Reference) -> Iterator[str]:
    """The codes on either side, linked or not: a row with one is no hint."""
    yield from (one.code for one in reference.course_templates)
    for record in reference.unlinked:
        if record.entity is Entity.COURSE_TEMPLATE:
            yield record.name


def _title(sheet: Sheet, row: Row) -> str:
    return shown(sheet.value(row, "title")) if shown(sheet.value(row, "code")) else ""


def _start_dates(sheet: Sheet) -> Iterator[date]:
    for row in sheet.rows:
        try:
            yield read_date(sheet.value(row, "lms_start_date"))
        except UnreadableError:
            continue  # blank, or an error that validation tells
