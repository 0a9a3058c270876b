"""What the web application has changed of its own fields, and waits to be sent to Administrate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from attrs import evolve

from ledger.database.connection import Database
from ledger.schema import adm
from ledger.values import Value
from sync.administrate.client import Administrate
from sync.changes.chosen import Chosen, read_linked_events
from sync.changes.plan import (
    ChangePlan,
    EventChange,
    FieldsToSet,
    LeftOut,
    LinkedEvent,
    fields_of,
)
from sync.changes.reading import read_as_they_are
from sync.changes.requests import why_not_sent
from sync.events.drift import read_drift
from sync.events.fields import FIELDS
from sync.events.kinds import Untranslatable
from sync.events.translations import Translations


def plan_push(database: Database, client: Administrate, table: str) -> ChangePlan:
    """The plan of sending what is listed as *to push* of a bridge table's records.

    A field that has changed since it was listed, or that an update has no place for, is left out.
    """
    with database.driver_transaction() as connection:
        listed = _to_push(connection, table)
        translations = Translations.read(connection)
    if not listed:
        return ChangePlan((), ())
    chosen = Chosen(records=tuple(listed))
    events = read_as_they_are(database, client, read_linked_events(database, chosen))
    changes: list[EventChange] = []
    left_out: list[LeftOut] = []
    for event in events:
        if event.kept_back:
            left_out.append(LeftOut(event, event.kept_back))
            continue
        records: list[FieldsToSet] = []
        for record, names in listed[event.record].items():
            wanted, why = _wanted(event, record, names, translations)
            left_out += [LeftOut(event, one) for one in why]
            if wanted is not None:
                records.append(wanted)
        if records:
            changes.append(EventChange(event, records))
    return ChangePlan(changes, left_out)


def _to_push(
    connection: psycopg.Connection[Any], table: str
) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The names of the fields to push, by event and record."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for event in read_drift(connection):
        for one in event.fields:
            if one.to_push and one.record.startswith(f"{table}/"):
                found[event.record][one.record].append(one.name)
    return found


def _wanted(
    event: LinkedEvent, record: str, names: Sequence[str], translations: Translations
) -> tuple[FieldsToSet | None, list[str]]:
    """What is to be set of a record, and why of some fields nothing is."""
    table, _, key = record.partition("/")
    session = next((one for one in event.sessions if one.key == key), None)
    held = event.held if table == adm.EVENTS.fullname else session.held if session else {}
    declared = {one.name: one for one in FIELDS[table]}
    by, wanted, why = translations.by(event.timezone), dict[str, Value](), []
    for name in names:
        field = declared[name]
        if name not in held:
            why.append(f"{field.title}: its tutorial row is gone")
            continue
        try:
            value = field.kind.in_administrate(held[name], by)
        except Untranslatable as problem:
            why.append(f"{field.title}: {problem}")
            continue
        if unsent := why_not_sent(field, value):
            why.append(unsent)
        else:
            wanted[name] = value
    if not wanted:
        return None, why
    if session is not None:
        return fields_of(session, wanted), why
    state = str(wanted["lifecycle_state"]) if "lifecycle_state" in wanted else None
    return evolve(fields_of(event, wanted), state=state), why
