"""The events of a workbook that were imported before, as both systems have them now."""

from __future__ import annotations

from importer.planning.plan import ImportPlan
from importer.planning.update import EventUpdate, plan_update
from ledger.database.connection import Database
from ledger.store.tutorial_shape import present_tables
from sync.administrate.client import Administrate
from sync.changes.chosen import Chosen, read_linked_events
from sync.changes.reading import read_as_they_are
from sync.events.base import read_bases
from sync.events.fields import FIELDS, held_fields
from sync.events.translations import Translations


def planned_updates(
    database: Database, client: Administrate, plan: ImportPlan
) -> list[EventUpdate]:
    """What becomes of each changed cell of the events imported before; a call a hundred events."""
    changed = {one.record: one for one in plan.skipped if one.changes and one.record}
    if not changed:
        return []
    linked = read_linked_events(database, Chosen(records=tuple(changed)))
    events = read_as_they_are(database, client, linked)
    records = [one.record for one in events]
    records += [of.record for one in events for of in one.sessions]
    with database.driver_transaction() as connection:
        bases = read_bases(connection, records)
        translations = Translations.read(connection)
        tables = present_tables(connection)
    columns = {
        table: {one.field.name: one for one in held_fields(table, tables)} for table in FIELDS
    }
    return [
        plan_update(changed[one.tutorial], one, bases, columns, translations.by(one.timezone))
        for one in events
    ]
