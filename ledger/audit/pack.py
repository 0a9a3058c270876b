"""Exports an audit pack: a run's events with their proofs, and a page that describes them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import attrs
import orjson
import psycopg

from ledger.audit import form
from ledger.audit.page import page, records_named
from ledger.database.connection import Database, driver
from ledger.erasure import people
from ledger.events import EventPlanned
from ledger.files import NewFile
from ledger.history.display_names import Called
from ledger.runs.run import software_version
from ledger.store.append import head
from ledger.store.read import Selection, read, read_chunks
from ledger.verify.chain import GENESIS

_INDENTED = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
_HASHES = """
    SELECT a.first_position, array_agg(encode(e.hash, 'hex') ORDER BY e.position)
    FROM ledger.appends a
    JOIN ledger.events e ON e.position BETWEEN a.first_position AND a.first_position + a.count - 1
    WHERE a.first_position IN (
        SELECT (SELECT max(first_position) FROM ledger.appends WHERE first_position <= r.position)
        FROM ledger.events r WHERE r.run_id = %s)
    GROUP BY a.first_position ORDER BY a.first_position
"""


def export(database: Database, run_id: UUID, file: NewFile) -> form.Manifest:
    """Writes a run's audit pack; NotWritten where the file cannot be written."""
    with file.opened() as into, database.snapshot() as connection:
        return _write(driver(connection), run_id, into)


def _write(connection: psycopg.Connection[Any], run_id: UUID, into: Any) -> form.Manifest:
    manifest = _manifest(connection, run_id)
    names = dict(_names(connection, run_id))
    of_run = Selection(run_id=run_id)
    planned = Selection(run_id=run_id, types=[EventPlanned.__name__])
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as pack:
        _put(pack, form.MANIFEST, [orjson.dumps(attrs.asdict(manifest), option=_INDENTED)])
        _put(pack, form.EVENTS, _lines(map(form.event_line, read(connection, of_run))))
        _put(pack, form.APPENDS, _lines(_appends(connection, run_id)))
        _put(pack, form.HASHES, _lines(_hashes(connection, run_id)))
        _put(pack, form.NAMES, [orjson.dumps(names, option=_INDENTED)])
        _put(pack, form.PLAN, form.plan_lines(read(connection, planned)))
        parts = page(manifest, read(connection, of_run), names)
        _put(pack, form.PAGE, (text.encode() for text in parts))
    return manifest


def _manifest(connection: psycopg.Connection[Any], run_id: UUID) -> form.Manifest:
    position, link = head(connection)
    counted = connection.execute(
        "SELECT count(*), min(position) FROM ledger.events WHERE run_id = %s", (run_id,)
    ).fetchone()
    events, first = counted or (0, 1)
    before = connection.execute(
        "SELECT link FROM ledger.appends WHERE first_position + count <= %s"
        " ORDER BY first_position DESC LIMIT 1",
        (first,),
    ).fetchone()
    read_workbooks = Selection(run_id=run_id, types=["WorkbookRead"])
    workbooks = (orjson.loads(one.payload)["digest"] for one in read(connection, read_workbooks))
    return form.Manifest(
        form=form.FORM,
        run_id=str(run_id),
        events=events,
        before=(before[0] if before else GENESIS).hex(),
        position=position,
        link=link.hex(),
        workbook=next(workbooks, None),
        software=software_version(),
        made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
    )


def _appends(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[dict[str, Any]]:
    """The chain from the append of the run's first event to the head."""
    after = connection.execute(
        "SELECT max(first_position) - 1 FROM ledger.appends WHERE first_position <="
        " (SELECT min(position) FROM ledger.events WHERE run_id = %s)",
        (run_id,),
    ).fetchone()
    last = after[0] if after else 0
    while rows := connection.execute(
        "SELECT first_position, count, encode(root, 'hex'), encode(link, 'hex')"
        " FROM ledger.appends WHERE first_position > %s ORDER BY first_position LIMIT 1000",
        (last,),
    ).fetchall():
        for first, count, root, link in rows:
            yield {"first_position": first, "count": count, "root": root, "link": link}
            last = first


def _hashes(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[dict[str, Any]]:
    for first, hashes in connection.execute(_HASHES, (run_id,)):
        yield {"first_position": first, "hashes": hashes}


def _names(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[tuple[str, str]]:
    """The display names of the records on the page, except people's."""
    called = Called(connection)
    for events in read_chunks(connection, Selection(run_id=run_id)):
        records = {one for event in events for one in records_named(event)}
        records = {one for one in records if one.partition("/")[0] not in people.TABLES}
        called.learn(records)
        for record in sorted(records):
            if name := called.name_of(record):
                yield record, name


def _lines(items: Iterable[Any]) -> Iterator[bytes]:
    for item in items:
        yield orjson.dumps(item) + b"\n"


def _put(pack: zipfile.ZipFile, name: str, parts: Iterable[bytes]) -> None:
    with pack.open(name, "w", force_zip64=True) as into:
        for part in parts:
            into.write(part)
