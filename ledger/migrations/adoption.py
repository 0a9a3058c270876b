"""Adoption: bridge rows of an older tool enter the ledger, unchanged.

Only words of Administrate's vocabulary are normalised, and sessions get the link and the times in
their older columns; the event has the original values, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import metadata
from typing import Any, cast

from attrs import Factory, frozen
from sqlalchemy import Connection, text
from uuid_utils.compat import uuid7

from ledger.database.connection import driver
from ledger.errors import DatabaseError
from ledger.events import BridgeRowAdopted, RunCompleted, RunStarted, record_name
from ledger.migrations.adopted_sessions import AdoptedSession, adopted_sessions
from ledger.projections import PROJECTORS, project
from ledger.runs.kinds import MIGRATION
from ledger.schema import adm
from ledger.schema.adm import bridge_key, link_name, linked_table, words
from ledger.schema.column_values import Row
from ledger.schema.declared import DATE, MOMENT, Table
from ledger.store.append import append
from ledger.store.entries import Entry
from ledger.store.read import CHUNK
from ledger.values import Personal, Value

# How many sessions with unknown times are listed.
_DETAILED = 10
# The values that no event can hold, in SQL, by the type of the column.
_UNREADABLE = {
    MOMENT: "NOT BETWEEN '0001-01-02' AND '9999-12-30'",
    DATE: "NOT BETWEEN '0001-01-02' AND '9999-12-30'",
    "numeric": "IN ('NaN', 'Infinity', '-Infinity')",
}
_NOTHING_DERIVED = AdoptedSession({}, {}, ())


@frozen
class _Report:
    """The report: rows adopted by table, values filled and normalised by column, unknown times."""

    adopted: Counter[str] = Factory(Counter)
    filled: Counter[str] = Factory(Counter)
    normalised: Counter[str] = Factory(Counter)
    unknown_times: list[str] = Factory(list)

    def sentences(self) -> Iterator[str]:
        tables = [f"{rows} of {name}" for name, rows in self.adopted.items()]
        yield f"Rows adopted into the ledger: {', '.join(tables)}."
        for column, rows in self.filled.items():
            yield f"{column}: filled in {rows} rows from what the older tool kept."
        for column, rows in self.normalised.items():
            yield f"{column}: spelt in lower case in {rows} rows; their events hold it as found."
        yield from self.unknown_times[:_DETAILED]
        more = len(self.unknown_times) - _DETAILED
        if more > 0:
            yield f"… and {more} more times of sessions that are not known."


def adopt_bridge_rows(connection: Connection, *, actor: str) -> list[str]:
    """Appends, in one run, an event for every row of every ``adm`` table; keys and links stay.

    Returns sentences about the adopted rows and the changed values.
    """
    if not any(_rows(connection, table, None, 1) for table in adm.TABLES):
        return []
    run_id, report = uuid7(), _Report()

    def record(*entries: Entry) -> None:
        appended = append(driver(connection), entries, actor=actor, run_id=run_id)
        project(driver(connection), appended.events, PROJECTORS)

    record(Entry(RunStarted(command=MIGRATION.name, software=metadata.version("admsync"))))
    for table in adm.TABLES:
        _refuse_unreadable(connection, table)
        after = None
        while rows := _rows(connection, table, after, CHUNK):
            record(*(Entry(event) for event in _adopted(connection, table, rows, report)))
            after = rows[-1]["id"]
    # Violated foreign keys are reported here, before the tables are altered.
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    counts: dict[str, Value] = {
        f"{table.name} adopted": report.adopted[table.fullname] for table in adm.TABLES
    }
    record(Entry(RunCompleted(counts=counts)))
    return list(report.sentences())


def _refuse_unreadable(connection: Connection, table: Table) -> None:
    """Raises ``DatabaseError``, naming the first, where a value is one that no event can hold."""
    for column in table.columns:
        unreadable = _UNREADABLE.get(column.plain)
        if unreadable is None:
            continue
        found = connection.exec_driver_sql(
            f"SELECT id, {column.name}::text FROM {table.fullname}"
            f" WHERE {column.name} {unreadable} ORDER BY id LIMIT 1"
        ).first()
        if found is not None:
            raise DatabaseError(
                f"{table.fullname} {found[0]} has a {column.name} of {found[1]}, which admsync"
                " cannot keep; give it another value, or none, and migrate again"
            )


def _rows(connection: Connection, table: Table, after: int | None, limit: int) -> list[Row]:
    beyond = "" if after is None else "WHERE id > :after"
    query = f"SELECT {table.selected} FROM {table.fullname} {beyond} ORDER BY id LIMIT :limit"
    rows = connection.execute(text(query), {"after": after, "limit": limit})
    return [dict(zip(table.names, row, strict=True)) for row in rows]


def _adopted(
    connection: Connection, table: Table, rows: Sequence[Row], report: _Report
) -> Iterator[BridgeRowAdopted]:
    sessions: dict[int, AdoptedSession] = {}
    if table is adm.SESSIONS:
        sessions = dict(adopted_sessions(connection, [row["id"] for row in rows]))
    for row in rows:
        session = sessions.get(row["id"], _NOTHING_DERIVED)
        derived = {
            name: value
            for name, value in session.values.items()
            if value is not None and row[name] is None
        }
        normalised = {
            name: word
            for name in words(table.fullname)
            if isinstance(row[name], str) and (word := row[name].strip().casefold()) != row[name]
        }
        found = {**session.found, **{name: row[name] for name in normalised}}
        report.adopted[table.fullname] += 1
        report.filled.update(f"{table.fullname}.{name}" for name in derived)
        report.normalised.update(f"{table.fullname}.{name}" for name in normalised)
        report.unknown_times.extend(session.unknown_times)
        yield _event(table, {**row, **derived, **normalised}, found)


def _event(table: Table, row: Row, found: dict[str, Value]) -> BridgeRowAdopted:
    link = link_name(table.fullname)
    target = None if link is None else row[link]
    return BridgeRowAdopted(
        table=table.fullname,
        key=bridge_key(table.fullname, row),
        row_id=row["id"],
        fields={name: _kept(table, name, value) for name, value in row.items() if name != "id"},
        linked=None if target is None else record_name(str(linked_table(table.fullname)), target),
        found=found,
    )


def _kept(table: Table, name: str, value: Any) -> Value:
    if value is not None and table.by_name[name].personal:
        return Personal(str(value))
    return cast("Value", value)
