"""Erasure: deletes a person's values, while the history stays complete in all but the identity.

Deleted: the person's values stored beside the events, the stored answers and workbooks that contain
them, the personal columns of the bridge row. Kept: every event, whose bytes hold only digests.
"""

from __future__ import annotations

from typing import Any

import psycopg

from ledger.database.connection import Database, driver
from ledger.erasure import people
from ledger.erasure.answers import (
    answers_naming,
    answers_of,
    is_readable,
    pages_with,
    unplanned_workbooks,
)
from ledger.errors import AdmsyncError, DatabaseError, UsageRefused
from ledger.events import CATALOGUE, PersonErased
from ledger.events.base import LINK
from ledger.events.catalogue import personal_digests
from ledger.history.find_record import counterpart
from ledger.replay.known_rows import forget_known_rows
from ledger.runs.run import Run
from ledger.schema import adm
from ledger.store.append import lock
from ledger.store.blobs import stored
from ledger.store.entries import Entry
from ledger.store.read import Selection, personal_values, read, read_chunks


def plan_erasure(connection: psycopg.Connection[Any], record: str, reason: str) -> PersonErased:
    """The erasure of a person by the values that the ledger holds now.

    Raises ``AdmsyncError`` where it holds none, and ``UsageRefused`` where the record is not a
    person's, or the reason names the person.
    """
    if record.partition("/")[0] not in people.TABLES:
        listed = " or ".join(sorted(people.TABLES))
        raise UsageRefused(f"{record} is not a person's record; it would be in {listed}")
    linked = _linked(connection, record)
    about = [record, *linked]
    rows = {table: ids for table in adm.BY_NAME if (ids := _rows(connection, table, about))}
    whose = people.Names(connection, about)
    if named := whose.named_in(reason):
        raise UsageRefused(
            f"the reason stays in the ledger for good and must not name the person: leave out"
            f" {', '.join(named)}"
        )
    doomed: set[str] = set()
    answers: set[str] = set()
    for events in read_chunks(connection, Selection(subjects=about)):
        values = personal_values(connection, events)
        for event in events:
            doomed.update(
                digest
                for digest in personal_digests(event.payload)
                if digest in values and whose.may_be_theirs(values[digest], event)
            )
        answers |= answers_of(connection, events)
    answers |= pages_with(connection, about) | unplanned_workbooks(connection)
    answers |= answers_naming(connection, whose)
    there = stored(connection, map(bytes.fromhex, answers))
    erasure = PersonErased(
        erased=record,
        reason=reason,
        values=tuple(sorted(doomed)),
        blobs=tuple(sorted(digest.hex() for digest in there)),
        rows=rows,
        linked=tuple(linked),
    )
    if not (erasure.values or erasure.blobs):
        raise AdmsyncError(_nothing_left(connection, record))
    return erasure


def unreadable_about(connection: psycopg.Connection[Any], erasure: PersonErased) -> list[int]:
    """The positions of events about the person that cannot be read: what they say in plain text is
    not known, and stays."""
    about = Selection(subjects=[erasure.erased, *erasure.linked])
    return [event.position for event in read(connection, about) if not is_readable(event)]


def erase(run: Run, record: str, reason: str) -> tuple[int, PersonErased]:
    """Erases a person, in one transaction with the event; returns its position and the
    event. Raises what ``plan_erasure`` raises.

    Planned under the append lock, so that values appended meanwhile are erased too.
    """
    with run.ledger.database.transaction() as connection:
        lock(driver(connection))
        erasure = plan_erasure(driver(connection), record, reason)
        _delete(driver(connection), erasure)
        appended = run.ledger.append_in(connection, [Entry(erasure)], run_id=run.run_id)
    return appended.positions[0], erasure


def _delete(connection: psycopg.Connection[Any], erasure: PersonErased) -> None:
    connection.execute("SET LOCAL ledger.erasing = 'yes'")
    for table, digests in (("personal", erasure.values), ("blobs", erasure.blobs)):
        try:
            connection.execute(
                f"DELETE FROM ledger.{table} WHERE digest = ANY(%b)",
                ([bytes.fromhex(digest) for digest in digests],),
            )
        except psycopg.errors.InsufficientPrivilege as problem:
            raise DatabaseError(
                "this role may not erase: admsync erase is for the ledger's owner"
            ) from problem
    forget_known_rows(connection)


def sweep(database: Database) -> None:
    """Vacuums the deleted rows off the disk pages, and their values out of the planner's
    statistics, where they would stay for a while."""
    with database.session() as connection:
        connection.execute("VACUUM ledger.personal, ledger.blobs, ledger.known_rows")
        connection.execute("VACUUM (ANALYZE) adm.instructors")


def _nothing_left(connection: psycopg.Connection[Any], record: str) -> str:
    erasures = Selection(subjects=[record], types=["PersonErased"])
    for event in read(connection, erasures, backwards=True, limit=1):
        return (
            f"{record} was erased at position {event.position}, on {event.recorded_at:%Y-%m-%d};"
            " the ledger holds nothing personal of it since"
        )
    return f"the ledger holds nothing personal of {record}"


def _linked(connection: psycopg.Connection[Any], record: str) -> list[str]:
    """The records linked with the person now or earlier, except those that now belong to
    another."""
    linked: dict[str, None] = {}
    of_links = Selection(subjects=[record], types=CATALOGUE.holding(LINK))
    for event in read(connection, of_links):
        links = CATALOGUE.held(LINK, event.type, event.payload) if is_readable(event) else []
        if event.stream == record:
            linked |= dict.fromkeys(links)
        elif record in links:
            linked[event.stream] = None
    if now := counterpart(connection, record):
        linked[now] = None
    return [one for one in linked if counterpart(connection, one) in (None, record)]


def _rows(connection: psycopg.Connection[Any], table: str, about: list[str]) -> tuple[int, ...]:
    if not any(column.personal for column in adm.BY_NAME[table].columns):
        return ()
    keys = [record.partition("/")[2] for record in about if record.startswith(f"{table}/")]
    found = connection.execute(
        f"SELECT id FROM {table} WHERE external_id = ANY(%(k)s) OR 'id=' || id = ANY(%(k)s)",
        {"k": keys},
    )
    return tuple(row_id for (row_id,) in found.fetchall())
