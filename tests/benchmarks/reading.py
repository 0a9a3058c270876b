"""Reading and projecting, against the bare statements that fetch and write the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import cast

from ledger.database.connection import Database, driver
from ledger.events import RecordObserved
from ledger.events.recorded import Recorded
from ledger.projections import BRIDGE, project
from ledger.store.ledger import Ledger
from ledger.store.read import decoded, read_chunks
from tests.benchmarks import venues
from tests.benchmarks.measure import Bench, Contender, Line, race

_READ, _PLAIN = "read and decode", "plain SELECT"
_PROJECT, _INSERT = "project a page of 1,000", "bare INSERT"
_SELECT = (
    "SELECT position, event_id, stream, version, subjects, type, schema_version, recorded_at,"
    " actor, run_id, cause, payload::text, hash FROM ledger.events ORDER BY position"
)
_PAGE = 1000
_FIELDS = ("external_id", "name", "description", "location_id")
_BARE = (
    f"INSERT INTO adm.venues (id, {', '.join(_FIELDS)}, created_at, updated_at, last_synced)"
    " SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[],"
    " %b::timestamptz[], %b::timestamptz[], %b::timestamptz[])"
)


def lines(bench: Bench) -> Iterator[Line]:
    """A line for each."""
    with bench.database() as database:
        yield _read(bench, database)
    with bench.database() as one, bench.database() as other:
        yield _projected(bench, one, other)


def _read(bench: Bench, database: Database) -> Line:
    count = bench.size(20_000, 200)
    ledger = Ledger(database, actor=venues.ACTOR, projectors=())
    ledger.append(venues.entries(0, count), run_id=venues.RUN)
    with database.transaction() as connection:
        reader = driver(connection)

        def plainly() -> None:
            assert len(reader.execute(_SELECT, binary=True).fetchall()) == count

        def decoding() -> None:
            assert sum(len(decoded(reader, events)) for events in read_chunks(reader)) == count

        contenders: dict[str, Contender[None]] = {
            _READ: lambda _: decoding,
            _PLAIN: lambda _: plainly,
        }
        run = race(contenders, lambda _: None, each=count, rounds=2, samples=bench.samples)
    return run.line(f"{_READ} {count:,}", _READ, _PLAIN)


def _projected(bench: Bench, one: Database, other: Database) -> Line:
    for database in (one, other):
        venues.provide(Ledger(database, actor=venues.ACTOR), 0)

    def project_page(page: Sequence[Recorded]) -> None:
        with one.driver_transaction() as connection:
            project(connection, page, [BRIDGE])

    def insert(columns: Sequence[Sequence[object]]) -> None:
        with other.driver_transaction() as connection:
            connection.execute(_BARE, columns)

    contenders: dict[str, Contender[Sequence[Recorded]]] = {
        _PROJECT: lambda page: partial(project_page, page),
        _INSERT: lambda page: partial(insert, _columns(page)),
    }
    run = race(contenders, _page, each=_PAGE, rounds=bench.size(10, 1), samples=bench.samples)
    return run.line(_PROJECT, _PROJECT, _INSERT, aim=0.5)


def _page(number: int) -> list[Recorded]:
    now = datetime.now(UTC)
    return [
        Recorded(venue, now, venues.ACTOR, venues.RUN, None, venues.observed(venue).event)
        for venue in range(number * _PAGE, (number + 1) * _PAGE)
    ]


def _columns(page: Sequence[Recorded]) -> list[Sequence[object]]:
    """The same rows, a list a column, in the order of ``_BARE``."""
    events = [cast("RecordObserved", recorded.event) for recorded in page]
    fields = [[event.fields[name] for event in events] for name in _FIELDS]
    stamps = [[recorded.recorded_at for recorded in page]] * 3
    return [[event.row_id for event in events], *fields, *stamps]
