"""Replay: compares the tables rebuilt from the ledger with the database's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import evolve, frozen
from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from ledger.database.connection import Database, driver
from ledger.errors import AdmsyncError
from ledger.events import CATALOGUE, Catalogue, ProjectionsMended
from ledger.projections import PROJECTORS, Projector, in_shape
from ledger.replay.rebuild import existing_columns, rebuilt, tables_of
from ledger.runs.run import Run
from ledger.store.append import head, lock
from ledger.store.bridge_rows import others_ids
from ledger.store.entries import Entry
from ledger.store.referring import held
from ledger.store.tutorial_shape import recorded_tables
from ledger.tables import adm, column_names, is_lived_on, is_personal
from ledger.tables.shapes.observed import still_there

# How many differing rows of a table are listed; all of them are counted.
DETAILED = 100


@frozen
class Difference:
    """A value in the database that differs from the ledger's.

    ``column`` is ``None`` where the whole row is missing from the table (``stands`` is ``None``)
    or unknown to the ledger (``ledger`` is ``None``); then the other side is the whole row.
    """

    table: str
    key: str
    column: str | None
    ledger: Any
    stands: Any


@frozen
class Replayed:
    """The result of a replay: its position, how many rows differ, and the first of them.

    ``others`` are the first rows of each bridge table that another writer made and that have no
    event in the ledger: not a difference, since the next sync of their entity records them.

    ``edited`` are the changes of the web application to rows made here, in columns it is allowed to
    change: no damage. Damage in the tables ``shared`` with it is its own to repair.
    """

    position: int
    rows: dict[str, int]
    differences: tuple[Difference, ...]
    edited: tuple[Difference, ...] = ()
    shared: tuple[str, ...] = ()
    others: tuple[Difference, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.rows

    @property
    def mendable(self) -> dict[str, int]:
        """How many rows differ in tables that only projectors write."""
        return {name: rows for name, rows in self.rows.items() if name not in self.shared}


def replay(
    database: Database,
    *,
    projectors: Sequence[Projector] = PROJECTORS,
    catalogue: Catalogue = CATALOGUE,
) -> Replayed:
    """Rebuilds every projected table from the whole ledger and compares it with the database."""
    with database.snapshot() as connection:
        position, _ = head(driver(connection))
        with rebuilt(connection, position, projectors, catalogue):
            return _compared(connection, position, comparable(connection, projectors, catalogue))


def comparable(
    connection: Connection,
    projectors: Sequence[Projector],
    catalogue: Catalogue = CATALOGUE,
) -> Sequence[Projector]:
    """The projectors without the columns that the web application's migrations dropped since the
    ledger last recorded its tables, and without tables that were never written."""
    reader = driver(connection)
    tables = still_there(reader, recorded_tables(reader, catalogue=catalogue))
    return [
        evolve(one, tables=tuple(t for t in one.tables if len(t.columns) > 1))
        if one.shared
        else one
        for one in in_shape(projectors, tables)
    ]


def mend(run: Run) -> dict[str, int]:
    """Sets the tables to what the ledger says, and records that; returns the number of changed rows
    by table."""
    projectors = run.ledger.projectors
    with run.ledger.database.transaction() as connection:
        lock(driver(connection))
        position, _ = head(driver(connection))
        with rebuilt(connection, position, projectors):
            differing = _compared(connection, position, comparable(connection, projectors)).mendable
            tables = [table for table in tables_of(projectors) if table.fullname in differing]
            with _report_refusals():
                for table in reversed(tables):
                    _remove_unknown(connection, table)
                for table in tables:
                    _free_ids(connection, table)
                    _set_right(connection, table)
                # Report violated foreign keys now, by name, not at the end of the transaction.
                connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            left = _compared(connection, position, comparable(connection, projectors)).mendable
        mended = {name: rows - left.get(name, 0) for name, rows in differing.items()}
        mended = {name: rows for name, rows in mended.items() if rows > 0}
        event = ProjectionsMended(rows={**mended})
        run.ledger.append_in(connection, [Entry(event)], run_id=run.run_id)
    return mended


def _compared(connection: Connection, position: int, projectors: Sequence[Projector]) -> Replayed:
    rows: dict[str, int] = {}
    differences: list[Difference] = []
    edited: list[Difference] = []
    shared: list[str] = []
    others: list[Difference] = []
    for projector in projectors:
        for table in projector.tables:
            names = _comparable_columns(connection, table)
            if not names:
                continue
            ours = [name for name in names if not is_lived_on(table, name)]
            foreign = _others(connection, table) if table in adm.TABLES else set()
            if foreign:
                others += _shown(connection, table, _these(table, foreign), names)
            differing = _differing(table, ours, shared=projector.shared, but_for=foreign)
            found = connection.execute(text(f"SELECT count(*) FROM ({differing}) AS rows")).scalar()
            if found:
                rows[table.fullname] = int(found)
                differences += _shown(connection, table, differing, ours)
                if projector.shared:
                    shared.append(table.fullname)
            if len(ours) < len(names):
                [primary] = table.primary_key.columns
                theirs = [primary.name, *(name for name in names if name not in ours)]
                # Personal values are not printed.
                theirs = [name for name in theirs if not is_personal(table, name)]
                changed = _differing(table, theirs, shared=True)
                told = _shown(connection, table, changed, theirs)
                edited += [one for one in told if one.column is not None]
    return Replayed(position, rows, tuple(differences), tuple(edited), tuple(shared), tuple(others))


def _comparable_columns(connection: Connection, table: Table) -> Sequence[str]:
    """The existing columns in which a table is compared, since another program may have dropped
    some; none of a bridge table that is missing and was never written."""
    names = column_names(table)
    there = existing_columns(connection, table) if table in adm.TABLES else set(names)
    if there:
        return [name for name in names if name in there]
    written = connection.execute(text(f"SELECT EXISTS (SELECT FROM pg_temp.{table.name})")).scalar()
    return names if written else ()


def _others(connection: Connection, table: Table) -> set[int]:
    """The primary keys of the bridge table's rows that another writer made."""
    unknown = connection.execute(
        text(
            f"SELECT id FROM {table.fullname} WHERE id NOT IN (SELECT id FROM pg_temp.{table.name})"
        )
    )
    return others_ids(driver(connection), table.fullname, unknown.scalars())


def _these(table: Table, ids: Collection[int]) -> str:
    return f"SELECT id FROM {table.fullname} WHERE id = ANY({_array(ids)})"


def _array(ids: Collection[int]) -> str:
    return f"'{{{','.join(map(str, sorted(ids)))}}}'::bigint[]"


def _differing(
    table: Table, names: Sequence[str], *, shared: bool, but_for: Collection[int] = ()
) -> str:
    """The query for the keys of rows that differ in these columns. Of a shared table, only the rows
    in the ledger are compared; of any other table all rows ``but_for`` some."""
    [primary] = table.primary_key.columns
    columns = ", ".join(_compared_as(table, name) for name in names)
    known = f" WHERE {primary.name} IN (SELECT {primary.name} FROM pg_temp.{table.name})"
    if but_for:
        known = f" WHERE {primary.name} <> ALL({_array(but_for)})"
    standing = f"(SELECT {columns} FROM {table.fullname}{known if shared or but_for else ''})"
    rebuilt_ = f"(SELECT {columns} FROM pg_temp.{table.name})"
    return (
        f"SELECT {primary.name} FROM"
        f" (({standing} EXCEPT {rebuilt_}) UNION ALL ({rebuilt_} EXCEPT {standing})) AS either"
        f" GROUP BY {primary.name}"
    )


def _compared_as(table: Table, name: str) -> str:
    """The SQL for comparing the column's value: type json has no equality."""
    return f"{name}::jsonb" if isinstance(table.c[name].type, JSONB) else name


def _shown(
    connection: Connection, table: Table, differing: str, names: Sequence[str]
) -> Iterator[Difference]:
    [primary] = table.primary_key.columns
    name = table.fullname
    found = connection.execute(
        text(
            f"SELECT k.{primary.name}, to_jsonb(ours), to_jsonb(stands)"
            f" FROM ({differing} ORDER BY 1 LIMIT {DETAILED}) AS k"
            f" LEFT JOIN pg_temp.{table.name} AS ours USING ({primary.name})"
            f" LEFT JOIN {name} AS stands USING ({primary.name}) ORDER BY 1"
        )
    )
    for key, ours, stands in found:
        if ours is None or stands is None:
            yield Difference(name, str(key), None, ours, stands)
            continue
        for column in names:
            if ours[column] != stands[column]:
                yield Difference(name, str(key), column, ours[column], stands[column])


def _remove_unknown(connection: Connection, table: Table) -> None:
    """Deletes the rows that the ledger deleted or never had, in tables projected from it alone;
    never a row of another writer, nor a referenced one."""
    [primary] = table.primary_key.columns
    unknown = f"{primary.name} NOT IN (SELECT {primary.name} FROM pg_temp.{table.name})"
    if table not in adm.TABLES:
        connection.execute(text(f"DELETE FROM {table.fullname} WHERE {unknown}"))
        return
    found = connection.execute(text(f"SELECT id FROM {table.fullname} WHERE {unknown}"))
    ids = set(found.scalars())
    ids -= others_ids(driver(connection), table.fullname, ids)
    ids -= held(driver(connection), table.fullname, ids).keys()
    connection.execute(text(f"DELETE FROM {table.fullname} WHERE id = ANY({_array(ids)})"))


@contextmanager
def _report_refusals() -> Iterator[None]:
    """The database's refusal as one line with its place."""
    try:
        yield
    except IntegrityError as problem:
        diagnosis = getattr(problem.orig, "diag", None)
        what = f"{diagnosis.schema_name}.{diagnosis.table_name}: " if diagnosis else ""
        why = diagnosis.message_detail or diagnosis.message_primary if diagnosis else problem
        raise AdmsyncError(
            f"nothing was set right: {what}{why} Another writer's row stands in the way, which the"
            " next sync takes up; run: admsync sync all"
        ) from problem


def _claimed(table: Table) -> str:
    """The condition that another writer's row has the Administrate id of row ``ours``."""
    if "external_id" not in table.columns:
        return "false"
    same = "other.external_id = ours.external_id"
    if table is adm.CUSTOM_FIELDS:
        same += " AND other.entity_type = ours.entity_type"
    return (
        f"EXISTS (SELECT FROM {table.fullname} AS other WHERE {same}"
        f" AND other.id NOT IN (SELECT id FROM pg_temp.{table.name}))"
    )


def _free_ids(connection: Connection, table: Table) -> None:
    """Clears Administrate ids from rows they do not belong to, so that the right rows can have
    them."""
    if "external_id" in table.columns:
        connection.execute(
            text(
                f"UPDATE {table.fullname} AS stands SET external_id = 'freed/' || stands.id"
                f" FROM pg_temp.{table.name} AS ours WHERE ours.id = stands.id"
                " AND ours.external_id IS DISTINCT FROM stands.external_id"
                f" AND NOT {_claimed(table)}"
            )
        )


def _set_right(connection: Connection, table: Table) -> None:
    [primary] = table.primary_key.columns
    names = column_names(table)
    others = [name for name in names if name != primary.name]
    columns = ", ".join(names)
    excluded = ", ".join(f"EXCLUDED.{name}" for name in others)
    unequal = " OR ".join(
        f"stands.{one} IS DISTINCT FROM EXCLUDED.{one}"
        for one in (_compared_as(table, name) for name in others)
    )
    connection.execute(
        text(
            f"INSERT INTO {table.fullname} AS stands ({columns})"
            f" OVERRIDING SYSTEM VALUE SELECT {columns} FROM pg_temp.{table.name} AS ours"
            f" WHERE NOT {_claimed(table)}"
            f" ON CONFLICT ({primary.name}) DO UPDATE SET ({', '.join(others)}) = ROW({excluded})"
            f" WHERE {unequal}"
        )
    )
