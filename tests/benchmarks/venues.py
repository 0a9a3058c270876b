"""A realistic mix of events: venues seen for the first time, and matched to a tutorial venue."""

from __future__ import annotations

from uuid import UUID

from ledger.events import MatchDecided, RecordObserved
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger

RUN = UUID("01930000-0000-7000-8000-000000000001")
ACTOR = "benchmark"
LOCATIONS = 50
_BATCH = 10_000


def entries(start: int, count: int) -> list[Entry]:
    """Events number ``start`` and following, two of each venue: about one record, about three."""
    return [decided(n // 2) if n % 2 else observed(n // 2) for n in range(start, start + count)]


def observed(venue: int) -> Entry:
    """The first sight of a venue."""
    return Entry(
        RecordObserved(
            table="adm.venues",
            key=_key(venue),
            row_id=venue + 1,
            fields={
                "external_id": _key(venue),
                "name": f"Town Hall, room {venue}",
                "description": "Second floor, a lift, tea & coffee",
                "location_id": f"TG9jYXRpb246{venue % LOCATIONS}",
            },
        )
    )


def decided(venue: int) -> Entry:
    """The same venue linked."""
    return Entry(
        MatchDecided(
            table="adm.venues",
            key=_key(venue),
            row_id=venue + 1,
            outcome="linked",
            reason="the only one of that name there",
            rule="name within location",
            rule_version=1,
            linked=f"acted.tutorial_venues/{venue + 1}",
            before=None,
            candidates=(f"acted.tutorial_venues/{venue + 2}",),
            evidence={
                "administrate": [{"id": _key(venue), "key": [f"town hall, room {venue}"]}],
            },
        )
    )


def provide(ledger: Ledger, venues: int) -> None:
    """What the venues' rows refer to: their locations, and as many tutorial venues."""
    with ledger.database.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO acted.tutorial_venues (id, name, created_at, updated_at)"
            " SELECT n, 'Town Hall, room ' || n - 1, now(), now()"
            f" FROM generate_series(1, {venues}) n"
        )
    ledger.append([_location(n) for n in range(LOCATIONS)])


def fill(ledger: Ledger, start: int, until: int) -> None:
    """Appends events number ``start`` up to ``until``, in batches."""
    for first in range(start, until, _BATCH):
        ledger.append(entries(first, min(_BATCH, until - first)), run_id=RUN)


def _location(number: int) -> Entry:
    key = f"TG9jYXRpb246{number}"
    fields = {"external_id": key, "name": f"Town {number}", "code": f"T{number}"}
    return Entry(RecordObserved(table="adm.locations", key=key, row_id=number + 1, fields=fields))


def _key(venue: int) -> str:
    return f"VmVudWU6{venue:08d}"
