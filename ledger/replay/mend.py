"""Sets tables that only projectors write to what the ledger says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from ledger.database.connection import driver
from ledger.errors import AdmsyncError, DatabaseError
from ledger.events import ProjectionsMended
from ledger.replay.compare import array, comparable, compared, compared_as
from ledger.replay.place import here, why_not_here
from ledger.replay.rebuild import rebuild, tables_of
from ledger.runs.run import Run
from ledger.schema import adm
from ledger.schema.adm import link_name, linked_table
from ledger.schema.declared import Table
from ledger.store.append import head, lock
from ledger.store.bridge_rows import others_ids
from ledger.store.entries import Entry
from ledger.store.referring import held


def mend(run: Run) -> dict[str, int]:
    """Sets the tables to what the ledger says, and records that; returns the number of changed rows
    by table."""
    projectors = run.ledger.projectors
    with run.ledger.database.transaction() as connection:
        reader = driver(connection)
        if (why := why_not_here(reader)) is not None:
            raise DatabaseError(f"the tables cannot be corrected: {why}")
        lock(reader)
        position, _ = head(reader)
        rebuild(here(reader), position, projectors)
        differing = compared(here(reader), position, comparable(reader, projectors)).rows
        tables = [table for table in tables_of(projectors) if table.fullname in differing]
        with _report_refusals():
            for table in reversed(tables):
                _remove_unknown(reader, table)
            for table in tables:
                _let_go_of_deleted(reader, table)
                _free_ids(reader, table)
                _set_right(reader, table)
            # Report violated foreign keys now, by name, not at the end of the transaction.
            reader.execute("SET CONSTRAINTS ALL IMMEDIATE")
        left = compared(here(reader), position, comparable(reader, projectors)).rows
        mended = {name: rows - left.get(name, 0) for name, rows in differing.items()}
        mended = {name: rows for name, rows in mended.items() if rows > 0}
        event = ProjectionsMended(rows={**mended})
        run.ledger.append_in(connection, [Entry(event)], run_id=run.run_id)
    return mended


def _remove_unknown(reader: psycopg.Connection[Any], table: Table) -> None:
    """Deletes the rows that the ledger deleted or never had, in tables projected from it alone;
    never a row of another writer, nor a referenced one."""
    unknown = f"{table.key} NOT IN (SELECT {table.key} FROM pg_temp.{table.name})"
    if table not in adm.TABLES:
        reader.execute(f"DELETE FROM {table.fullname} WHERE {unknown}")
        return
    found = reader.execute(f"SELECT id FROM {table.fullname} WHERE {unknown}")
    ids = {row_id for (row_id,) in found.fetchall()}
    ids -= others_ids(reader, table.fullname, ids)
    ids -= held(reader, table.fullname, ids).keys()
    reader.execute(f"DELETE FROM {table.fullname} WHERE id = ANY({array(ids)})")


@contextmanager
def _report_refusals() -> Iterator[None]:
    """The database's refusal as one line with its place."""
    try:
        yield
    except psycopg.IntegrityError as problem:
        diagnosis = problem.diag
        what = f"{diagnosis.schema_name}.{diagnosis.table_name}: "
        why = diagnosis.message_detail or diagnosis.message_primary
        raise AdmsyncError(
            f"nothing was set right: {what}{why} Another writer's row stands in the way, which the"
            " next sync takes up; run: admsync sync all"
        ) from problem


def _claimed(table: Table) -> str:
    """The condition that another writer's row has the Administrate id of row ``ours``."""
    if "external_id" not in table.by_name:
        return "false"
    same = "other.external_id = ours.external_id"
    if table is adm.CUSTOM_FIELDS:
        same += " AND other.entity_type = ours.entity_type"
    return (
        f"EXISTS (SELECT FROM {table.fullname} AS other WHERE {same}"
        f" AND other.id NOT IN (SELECT id FROM pg_temp.{table.name}))"
    )


def _let_go_of_deleted(reader: psycopg.Connection[Any], table: Table) -> None:
    """Clears the links to tutorial records that the web application has deleted since."""
    link = link_name(table.fullname)
    if link is not None:
        target = linked_table(table.fullname)
        reader.execute(
            f"UPDATE pg_temp.{table.name} SET {link} = NULL"
            f" WHERE {link} NOT IN (SELECT id FROM {target})"
        )


def _free_ids(reader: psycopg.Connection[Any], table: Table) -> None:
    """Clears Administrate ids from rows they do not belong to, so that the right rows can have
    them."""
    if "external_id" in table.by_name:
        reader.execute(
            f"UPDATE {table.fullname} AS stands SET external_id = 'freed/' || stands.id"
            f" FROM pg_temp.{table.name} AS ours WHERE ours.id = stands.id"
            " AND ours.external_id IS DISTINCT FROM stands.external_id"
            f" AND NOT {_claimed(table)}"
        )


def _set_right(reader: psycopg.Connection[Any], table: Table) -> None:
    key, *others = table.names
    excluded = ", ".join(f"EXCLUDED.{name}" for name in others)
    unequal = " OR ".join(
        f"stands.{one} IS DISTINCT FROM EXCLUDED.{one}"
        for one in (compared_as(table, name) for name in others)
    )
    reader.execute(
        f"INSERT INTO {table.fullname} AS stands ({table.selected})"
        f" OVERRIDING SYSTEM VALUE SELECT {table.selected} FROM pg_temp.{table.name} AS ours"
        f" WHERE NOT {_claimed(table)}"
        f" ON CONFLICT ({key}) DO UPDATE SET ({', '.join(others)}) = ROW({excluded})"
        f" WHERE {unequal}"
    )
