"""Brings a database, empty, of an older tool or of an older schema, to the current schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import Connection, text
from uuid_utils.compat import uuid7

from ledger.database.connection import Database, driver
from ledger.errors import DatabaseError, LockNotGiven, NotMigrated
from ledger.events import ProjectionsMended, RunCompleted, RunStarted, TutorialShapeObserved
from ledger.migrations import privileges
from ledger.migrations.requirements import unmet_requirements
from ledger.migrations.schema_version import CURRENT, refuse_later, schema_version
from ledger.migrations.table_locks import lock_tables, wait_at_most
from ledger.migrations.tables import create_or_mend_tables, create_schema
from ledger.replay.place import here
from ledger.replay.rebuild import rebuild
from ledger.runs.kinds import MIGRATION
from ledger.runs.run import software_version
from ledger.schema import adm
from ledger.store.append import head
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.tutorial_shape import take_up_shape
from ledger.tables.database_columns import require_bridge_columns


class Blocked(LockNotGiven):
    """A lock was not given in time; nothing was done, and the same may be done later. Exits 3."""

    exit_code = 3
    happened = "nothing was done"


# How long, in seconds, a migration waits for a lock: whoever comes after it waits, too.
PATIENCE = 30.0
# Held for as long as one process migrates; a second waits.
_MIGRATING = 4701961204418127874


def migrate(database: Database, *, actor: str, patience: float = PATIENCE) -> list[str]:
    """Brings the database to the current schema in one transaction; returns the steps taken.

    Nothing is lost: existing tables stay, misplaced ones are moved, their links adopted into the
    ledger. Running it again does nothing; where the schema is current, a role that could not change
    it, or a server that is only read, will do.

    Raises ``Blocked``, with nothing done, where a lock is not given within ``patience`` seconds.
    """
    from alembic import command  # noqa: PLC0415 - a seventh of the start of every other command
    from alembic.config import Config  # noqa: PLC0415 - likewise

    if (said := _looked_at(database)) is not None:
        return [said]
    steps: list[str] = []
    with _blocked(), database.transaction() as connection:
        reader = driver(connection)
        until = monotonic() + patience
        wait_at_most(reader, patience)
        reader.execute(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
        before = schema_version(reader)
        if before is not None and (before != CURRENT or _lacks_columns(reader)):
            lock_tables(reader, until)
        wait_at_most(reader, patience)
        create_schema(connection, "ledger")
        with resources.as_file(resources.files("ledger") / "migrations") as scripts:
            config = Config()
            config.set_main_option("script_location", str(scripts).replace("%", "%%"))
            config.attributes.update(connection=connection, actor=actor, before=before, steps=steps)
            command.upgrade(config, "head")
        after = schema_version(driver(connection))
        ledger = Ledger(database, actor)
        if before is not None:
            steps += _restored_columns(connection, ledger)
        steps += _shape_taken_up(connection, ledger)
    if before == after:
        return steps
    version = f"The schema is at version {after} now" + (f", from {before}." if before else ".")
    return [version, *steps]


@contextmanager
def _blocked() -> Iterator[None]:
    try:
        yield
    except LockNotGiven as problem:
        raise Blocked(problem.said, problem.holders) from problem


def _looked_at(database: Database) -> str | None:
    """What there is to say of a current schema that cannot be changed here; ``None`` elsewhere.

    Raises ``NotMigrated`` where tables of ``adm`` have lost columns since, or a later program made
    the schema.
    """
    with database.driver_transaction() as connection:
        found = schema_version(connection)
        refuse_later(found)
        if found != CURRENT:
            return None
        why = privileges.read_only(connection)
        if why is None and (lacking := privileges.missing_to_migrate(connection)):
            [(role,)] = connection.execute("SELECT current_user").fetchall()
            why = f"{role} lacks {lacking[0]}"
        if why is None:
            return None
        try:
            require_bridge_columns(connection)
        except NotMigrated as problem:
            raise NotMigrated(f"{problem}, as the owner of the tables: {why}") from problem
    return f"The schema is current; nothing to do here, where it could not be changed: {why}."


def _lacks_columns(reader: psycopg.Connection[Any]) -> bool:
    try:
        require_bridge_columns(reader)
    except NotMigrated:
        return True
    return False


def _restored_columns(connection: Connection, ledger: Ledger) -> Iterator[str]:
    """Adds the columns that tables of adm lost since, and records the rows that were refilled."""
    changes = create_or_mend_tables(connection)
    yield from changes.sentences
    refilled = _refilled(connection, changes.added)
    if refilled:
        run_id, counts = uuid7(), {f"{name} filled": rows for name, rows in refilled.items()}
        events = (
            RunStarted(command=MIGRATION.name, software=software_version()),
            ProjectionsMended(rows=refilled),
            RunCompleted(counts=counts),
        )
        ledger.append_in(connection, [Entry(event) for event in events], run_id=run_id)
        yield from (f"{name}: {rows} rows filled again." for name, rows in refilled.items())


def _refilled(connection: Connection, added: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Sets the added columns to the ledger's values; returns the number of such rows by table."""
    position, _ = head(driver(connection))
    if not added or not position:
        return {}
    refilled = {}
    rebuild(here(driver(connection)), position)
    for table in adm.TABLES:
        names = added.get(table.fullname, ())
        if not names:
            continue
        values = ", ".join(f"rebuilt.{name}" for name in names)
        updated = connection.execute(
            text(
                f"UPDATE {table.fullname} AS present SET ({', '.join(names)}) = ROW({values})"
                f" FROM pg_temp.{table.name} AS rebuilt WHERE rebuilt.id = present.id"
                f" AND num_nonnulls({values}) > 0"
            )
        )
        if updated.rowcount:
            refilled[table.fullname] = updated.rowcount
    return refilled


def _shape_taken_up(connection: Connection, ledger: Ledger) -> Iterator[str]:
    """Records, in a run of its own, that the tutorial tables have another shape than before."""
    run_id, rows = uuid7(), 0

    def append(*entries: Entry) -> None:
        ledger.append_in(connection, entries, run_id=run_id)

    def record(entries: Sequence[Entry]) -> None:
        nonlocal rows
        if isinstance(entries[0].event, TutorialShapeObserved):
            append(Entry(RunStarted(command=MIGRATION.name, software=software_version())))
        else:
            rows += len(entries)
        append(*entries)

    if (change := take_up_shape(connection, record)) is not None:
        append(Entry(RunCompleted(counts={"rows carried over": rows})))
        if change.former == change.shape:
            yield "The tutorial tables have other columns than before."
            return
        carried = f" {rows} rows made in that of {change.former} were carried over." if rows else ""
        yield f"The tutorial tables have the shape of {change.shape}.{carried}"


def shortcomings(database: Database) -> list[str]:
    """The columns that the program needs and the tables lack, each with the affected commands."""
    with database.transaction() as connection:
        try:
            require_bridge_columns(driver(connection))
        except NotMigrated as problem:
            return [str(problem)]
        return unmet_requirements(connection)


def outdated_grants(database: Database) -> list[str]:
    """What roles that were granted what the program needed lack by now, say on a table made since,
    each with what to run."""
    with database.driver_transaction() as connection:
        lacking = {
            role: privileges.missing_privileges(connection, role)
            for role in privileges.granted_roles(connection)
        }
    return [
        f"{role} lacks {'; '.join(missing)}: run admsync migrate --grant {role}"
        for role, missing in lacking.items()
        if missing
    ]


def take_up_tutorial_shape(ledger: Ledger) -> None:
    """Records a change of the tutorial tables before a plan is made that a person agrees to."""
    with ledger.database.transaction() as connection:
        list(_shape_taken_up(connection, ledger))


def grant(database: Database, role: str) -> None:
    """Grants a role the privileges to run the program, and no more: on the ledger's events only
    SELECT, and EXECUTE on the append function. Raises ``DatabaseError`` where it lacks one then:
    the server only warns of what somebody who is not the owner grants."""
    with database.transaction() as connection:
        privileges.grant(driver(connection), role)
        if missing := privileges.missing_privileges(driver(connection), role):
            raise DatabaseError(
                f"{role} still lacks {'; '.join(missing[:3])}: only the owner can grant that; run"
                f" admsync migrate --grant {role} as the owner"
            )
