"""A person's decision about a field that is out of step: recorded, and carried out here at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from attrs import evolve, frozen
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import AdmsyncError, UsageRefused
from ledger.events import Event, FieldDecided, record_name, tutorial_key
from ledger.events.agreement import Disparity, Pair
from ledger.history.find_record import counterpart, find_record
from ledger.replay.ledger_rows import tutorial_ledger_rows
from ledger.runs.kinds import SETTLEMENT
from ledger.runs.run import new_run
from ledger.schema import adm
from ledger.schema.adm import link_name
from ledger.store.append import lock
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.tutorial_shape import present_tables
from sync.entities import ENTITIES
from sync.events.base import read_bases
from sync.events.comparison import Decided, Listed
from sync.events.decide import Comparing, Decisions, LinkedRecord
from sync.events.edits import known_rows
from sync.events.fields import FIELDS, TUTORIAL_TABLES, ComparedField, held_fields
from sync.events.translations import Translations
from sync.events.tutorial_rows import TutorialRow, new_instructor_keys, read_tutorial_rows


@frozen
class Named:
    """A field of a linked record that is out of step."""

    record: str
    tutorial: str
    field: ComparedField
    listed: Disparity

    @property
    def table(self) -> str:
        return self.record.partition("/")[0]

    @property
    def key(self) -> str:
        return self.record.partition("/")[2]


@frozen
class Settled:
    """A decision carried out: its run, whether the tutorial row was changed, and why the field is
    still listed, where it is."""

    run_id: str
    named: Named
    applied: bool
    listed: str | None


def out_of_step(connection: psycopg.Connection[Any], typed: str, typed_field: str) -> Named:
    """The field that a person names by a record of either side and the field's name or title.

    Raises ``UsageRefused`` where it is no field out of step; the message names those that are.
    """
    found = find_record(connection, typed).record
    bridge = found if found.startswith("adm.") else counterpart(connection, found)
    table = (bridge or found).partition("/")[0]
    if bridge is None or table not in FIELDS:
        raise UsageRefused(
            f"{found} is no linked event or session; admsync drift lists what is out of step"
        )
    listed = read_bases(connection, [bridge])[bridge].listed
    fields = {one.name: one for one in FIELDS[table]}
    wanted = _plain(typed_field)
    for name, disparity in listed.items():
        if name in fields and wanted in (_plain(name), _plain(fields[name].title)):
            linked = _linked(connection, table, bridge)
            return Named(bridge, linked[1], fields[name], disparity)
    raise UsageRefused(f"{typed_field!r} of {bridge} is not out of step; {_those_listed(listed)}")


def settle(ledger: Ledger, named: Named, side: str, reason: str) -> Settled:
    """Decides whose value of a field holds: of ``side`` *administrate* or *tutorial*.

    Administrate's is written to the tutorial row at once, where this program made it; the
    tutorial's is to be pushed. Raises ``UsageRefused`` where the decision changes nothing, or where
    the tutorial row is not as it was listed; then nothing is recorded.
    """
    if side == "tutorial" and named.listed.kind == Listed.TO_PUSH.value:
        raise UsageRefused(f"{named.field.title} of {named.record} is to be pushed already")
    entities = [one.name for one in ENTITIES if one.table.fullname == named.table]
    options = {
        "record": named.record,
        "field": named.field.name,
        "side": side,
        "entities": entities,
    }
    with ledger.database.driver_transaction() as connection:
        # Before the run: a row that has changed meanwhile is no failed run.
        _row(connection, named)
    command = SETTLEMENT.command(named.record, named.field.name)
    with new_run(ledger, command, options, holds=SETTLEMENT.holds(options)) as run:
        with ledger.database.transaction() as transaction:
            lock(driver(transaction))
            events, decisions = _decided(transaction, named, side, reason)
            run.ledger.append_in(transaction, [Entry(one) for one in events], run_id=run.run_id)
        return Settled(
            str(run.run_id),
            named,
            applied=bool(decisions.applied),
            listed=next((one.kind for one in decisions.listed.values()), None),
        )


def _decided(
    connection: Connection, named: Named, side: str, reason: str
) -> tuple[Sequence[Event], Decisions]:
    """The events of a decision, computed from the rows as they are."""
    reader, name = driver(connection), named.field.name
    base = read_bases(reader, [named.record])[named.record]
    if base.listed.get(name) != named.listed:
        raise UsageRefused(
            f"{named.field.title} of {named.record} has changed since; look again: admsync drift"
        )
    row_id, tutorial, zone = _linked(reader, named.table, named.record)
    row = _row(reader, named)
    tables = present_tables(reader)
    values = Pair(administrate=named.listed.administrate, tutorial=named.listed.tutorial)
    record = LinkedRecord(named.table, named.key, row_id, row.row_id, {name: values.administrate})
    decided = evolve(base, decided={**base.decided, name: Decided(side, values)})
    comparing = Comparing(tables, held_fields(named.table, tables), new_instructor_keys(connection))
    by = Translations.read(reader).by(zone)
    decisions = comparing.decide(record, row, decided, by, last=True)
    taken = FieldDecided(
        table=named.table,
        key=named.key,
        row_id=row_id,
        tutorial=tutorial,
        name=name,
        side=side,
        reason=reason,
        values=values,
    )
    return [taken, *decisions.events("decided")], decisions


def _row(connection: psycopg.Connection[Any], named: Named) -> TutorialRow:
    """The tutorial row, locked where this program made it. Raises ``AdmsyncError`` where somebody
    is changing it, or where it is not as it was listed."""
    tables = present_tables(connection)
    table = TUTORIAL_TABLES[named.table]
    row_id = tutorial_key(named.tutorial)
    ours = known_rows(tutorial_ledger_rows(connection, tables), table)
    rows = read_tutorial_rows(connection, tables, table, [row_id], ours)
    if row_id in rows.busy:
        raise AdmsyncError(
            f"somebody is changing {named.tutorial} just now; nothing was decided, try again"
        )
    held = {one.field.name: one for one in held_fields(named.table, tables)}
    row = rows.rows.get(row_id)
    if row is None or row.value(held[named.field.name]) != named.listed.tutorial:
        raise UsageRefused(
            f"{named.tutorial} has changed since the last sync; sync it first: admsync sync"
            f" {'events' if named.table == adm.EVENTS.fullname else 'sessions'}"
        )
    return row


def _linked(
    connection: psycopg.Connection[Any], table: str, record: str
) -> tuple[int, str, str | None]:
    """A bridge row's primary key, its tutorial record, and the zone of an event."""
    link = link_name(table)
    zone = "timezone" if table == adm.EVENTS.fullname else "NULL"
    found = connection.execute(
        f"SELECT id, {link}, {zone} FROM {table} WHERE external_id = %s AND {link} IS NOT NULL",
        (record.partition("/")[2],),
    ).fetchone()
    if found is None:
        raise UsageRefused(f"{record} is no longer linked; look again: admsync drift")
    return found[0], record_name(TUTORIAL_TABLES[table], found[1]), found[2]


def _those_listed(listed: Iterable[str]) -> str:
    names = ", ".join(listed)
    return f"of it are: {names}" if names else "nothing of it is; see admsync drift"


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())
