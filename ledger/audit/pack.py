"""Exports an audit pack: a run's events with their proofs, and a page that describes them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg

from ledger.audit import form
from ledger.audit.page import page
from ledger.database.connection import Database, driver
from ledger.events import EventPlanned
from ledger.files import NewFile
from ledger.runs.run import software_version
from ledger.store.append import head
from ledger.store.entries import StoredEvent
from ledger.store.read import Selection, read
from ledger.verify.chain import GENESIS

# The appends from the run's first event to its last.
_SPANNED = """
    FROM ledger.appends a WHERE a.first_position BETWEEN
        (SELECT max(first_position) FROM ledger.appends WHERE first_position <=
            (SELECT min(position) FROM ledger.events WHERE run_id = %(run)s))
        AND (SELECT max(position) FROM ledger.events WHERE run_id = %(run)s)
"""


def export(database: Database, run_id: UUID, file: NewFile) -> form.Manifest:
    """Writes a run's audit pack; NotWritten where the file cannot be written."""
    with file.opened() as into, database.snapshot() as connection:
        return _write(driver(connection), run_id, into)


def _write(connection: psycopg.Connection[Any], run_id: UUID, into: Any) -> form.Manifest:
    manifest = _manifest(connection, run_id)
    of_run = Selection(run_id=run_id)
    planned = Selection(run_id=run_id, types=[EventPlanned.__name__])
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as pack:
        _put(pack, form.MANIFEST, [form.document_of(manifest)])
        _put(pack, form.EVENTS, map(form.line_of, read(connection, of_run)))
        _put(pack, form.APPENDS, map(form.line_of, _appends(connection, run_id)))
        _put(pack, form.HASHES, map(form.line_of, _hashes(connection, run_id)))
        _put(pack, form.OTHERS, map(form.line_of, _others(connection, run_id)))
        _put(pack, form.PLAN, form.plan_lines(read(connection, planned)))
        parts = page(manifest, lambda: read(connection, of_run))
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


def _appends(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[form.Append]:
    """The chain from the append of the run's first event to the head."""
    after = connection.execute(
        "SELECT max(first_position) - 1 FROM ledger.appends WHERE first_position <="
        " (SELECT min(position) FROM ledger.events WHERE run_id = %s)",
        (run_id,),
    ).fetchone()
    last = after[0] if after else 0
    while rows := connection.execute(
        "SELECT first_position, count, root, link"
        " FROM ledger.appends WHERE first_position > %s ORDER BY first_position LIMIT 1000",
        (last,),
    ).fetchall():
        yield from (form.Append(*row) for row in rows)
        last = rows[-1][0]


def _hashes(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[form.Hashes]:
    spanned = connection.execute(
        f"SELECT a.first_position, a.count {_SPANNED} ORDER BY a.first_position", {"run": run_id}
    )
    for first, count in spanned.fetchall():
        hashes = connection.execute(
            "SELECT hash FROM ledger.events WHERE position BETWEEN %s AND %s ORDER BY position",
            (first, first + count - 1),
        )
        yield form.Hashes(first, [found for (found,) in hashes.fetchall()])


def _others(connection: psycopg.Connection[Any], run_id: UUID) -> Iterator[StoredEvent]:
    """The first event of each append between that is another run's: an append is of one run."""
    found = connection.execute(
        f"SELECT a.first_position {_SPANNED} AND NOT EXISTS (SELECT 1 FROM ledger.events e"
        " WHERE e.position = a.first_position AND e.run_id = %(run)s)",
        {"run": run_id},
    )
    positions = [position for (position,) in found.fetchall()]
    return read(connection, Selection(positions=positions))


def _put(pack: zipfile.ZipFile, name: str, parts: Iterable[bytes]) -> None:
    with pack.open(name, "w", force_zip64=True) as into:
        for part in parts:
            into.write(part)
