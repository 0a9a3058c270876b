"""Builders: what the ledger is told in tests, and the tutorial rows it is told about."""

from __future__ import annotations

from typing import Any

from ledger.database.connection import Database
from ledger.events import (
    Event,
    FieldChange,
    MatchDecided,
    PageFetched,
    RecordChanged,
    RecordObserved,
    RecordVanished,
    StoredAnswer,
)
from ledger.schema import acted
from ledger.schema.declared import Table
from ledger.store.blobs import blob_digest
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.values import Fields, Personal, Value


def append_events(ledger: Ledger, *events: Event, **more: Any) -> list[int]:
    """Appends the events in one batch; returns their positions."""
    return ledger.append([Entry(event) for event in events], **more).positions


def named(first: str, last: str) -> dict[str, Value]:
    """The fields of a person's name."""
    return {"first_name": Personal(first), "last_name": Personal(last)}


def observed(table: str, key: str, row_id: int, **fields: Value) -> RecordObserved:
    """A record's first sight."""
    return RecordObserved(
        table=table, key=key, row_id=row_id, fields={"external_id": key, **fields}
    )


def changed(table: str, key: str, row_id: int, **changes: tuple[Value, Value]) -> RecordChanged:
    """Fields of a record that changed, each from a value to another."""
    pairs = {name: FieldChange(before=old, after=new) for name, (old, new) in changes.items()}
    return RecordChanged(table=table, key=key, row_id=row_id, changes=pairs)


def vanished(table: str, key: str, row_id: int, **fields: Value) -> RecordVanished:
    """A record that is gone."""
    return RecordVanished(table=table, key=key, row_id=row_id, fields=fields)


def linked(
    table: str,
    key: str,
    row_id: int,
    to: str | None,
    *,
    before: str | None = None,
    candidates: tuple[str, ...] = (),
    evidence: Fields | None = None,
) -> MatchDecided:
    """A decision that a record is linked with a tutorial record from now on, or with none."""
    return MatchDecided(
        table=table,
        key=key,
        row_id=row_id,
        outcome="linked" if to else "unmatched",
        reason="names equal",
        rule="instructor" if table == "adm.instructors" else "venue",
        rule_version=1,
        linked=to,
        before=before,
        candidates=candidates,
        evidence=evidence or {},
    )


def page(body: bytes, *ids: str) -> PageFetched:
    """A page of instructors that was fetched, with these records on it."""
    return PageFetched(
        entity="instructors",
        part="contacts",
        offset=0,
        total=len(ids),
        ids=ids,
        answers=(
            StoredAnswer(
                operation="contacts",
                variables={"offset": 0},
                digest=blob_digest(body).hex(),
                status=200,
                milliseconds=12,
            ),
        ),
    )


def tutorial_venue(database: Database, name: str) -> str:
    """The record name of a new tutorial venue."""
    return f"acted.tutorial_venues/{_inserted(database, acted.VENUES, name=name)}"


def tutorial_instructor(database: Database, first: str, last: str) -> str:
    """The record name of a new tutorial instructor, a member of staff of that name."""
    user = _inserted(
        database, acted.AUTH_USER, username=f"{first}.{last}", first_name=first, last_name=last
    )
    staff = _inserted(database, acted.STAFF, user_id=user)
    return f"acted.tutorial_instructors/{_inserted(database, acted.INSTRUCTORS, staff_id=staff)}"


def _inserted(database: Database, table: Table, **values: object) -> int:
    columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
    with database.driver_transaction() as connection:
        [(row_id,)] = connection.execute(
            f"INSERT INTO {table.fullname} ({columns}) VALUES ({places}) RETURNING id",
            list(values.values()),
        ).fetchall()
    return int(row_id)
