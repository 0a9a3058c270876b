"""The stored answers and workbooks that may hold a person's values, by the events that name them.

An event that cannot be read hides none: whatever in it may be an answer's digest is taken for one.
"""

from __future__ import annotations

import json
import re
from typing import Any

import psycopg

from ledger.canonical import escaped
from ledger.erasure.people import Names
from ledger.errors import UnreadableEvent
from ledger.events import CATALOGUE
from ledger.events.base import BLOB
from ledger.store.blobs import unpacked
from ledger.store.entries import StoredEvent
from ledger.store.read import rows_by_key

_DIGEST = re.compile("[0-9a-f]{64}")
# How a file of Open XML begins.
_WORKBOOK = b"PK"
_COLUMNS = "type, schema_version, payload::text"


def is_readable(event: StoredEvent) -> bool:
    """Whether this version of the program can read the event."""
    return _is_readable(event.type, event.schema_version, event.payload)


def answers_of(connection: psycopg.Connection[Any], events: list[StoredEvent]) -> set[str]:
    """The digests of the answers that events name, or follow from, directly or through others."""
    causes = [event.cause for event in events if event.cause is not None]
    behind = connection.execute(
        "WITH RECURSIVE behind (position) AS (SELECT unnest(%s::bigint[]) UNION"
        "  SELECT e.cause FROM ledger.events e JOIN behind USING (position)"
        "  WHERE e.cause IS NOT NULL)"
        f" SELECT {_COLUMNS} FROM ledger.events JOIN behind USING (position)",
        (causes,),
    )
    own = [(event.type, event.schema_version, event.payload) for event in events]
    return _named_in([*own, *behind.fetchall()])


def pages_with(connection: psycopg.Connection[Any], about: list[str]) -> set[str]:
    """The stored pages that contained a person's record, including those without a change."""
    keys = [escaped(r.partition("/")[2]) for r in about if r.startswith("adm.")]
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM ledger.events"
        " WHERE (type = 'PageFetched' OR type <> ALL(%s))"
        " AND EXISTS (SELECT FROM unnest(%s::text[]) AS key"
        "  WHERE strpos(payload::text, to_json(key)::text) > 0)",
        (list(CATALOGUE.classes), keys),
    )
    return _named_in(rows.fetchall())


def answers_naming(connection: psycopg.Connection[Any], whose: Names) -> set[str]:
    """The stored answers of whatever record in whose texts the person is named: in the value of a
    custom field, say, of which no event knows that it is about a person."""
    found = set()
    for digest, content in rows_by_key(connection, "digest", "ledger.blobs", "content", chunk=100):
        body = unpacked(digest, content) or b""
        if not body.startswith(_WORKBOOK) and whose.are_in(_text(body)):
            found.add(digest.hex())
    return found


def _text(body: bytes) -> str:
    """An answer as it reads, without the escapes of JSON."""
    text = body.decode(errors="replace")
    if "\\u" not in text:
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def unplanned_workbooks(connection: psycopg.Connection[Any]) -> set[str]:
    """The workbooks whose rows no import recorded, so that nothing says whom they name."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM ledger.events read WHERE type = 'WorkbookRead'"
        " AND NOT EXISTS (SELECT FROM ledger.events planned"
        "  JOIN ledger.events same ON same.position = planned.cause"
        "  WHERE planned.type = 'ImportPlanned' AND same.type = 'WorkbookRead'"
        "  AND same.payload ->> 'digest' = read.payload ->> 'digest')"
    )
    return _named_in(rows.fetchall())


def _named_in(rows: list[tuple[str, int, str]]) -> set[str]:
    found: set[str] = set()
    for kind, version, payload in rows:
        if _is_readable(kind, version, payload):
            found.update(filter(_DIGEST.fullmatch, CATALOGUE.held(BLOB, kind, payload)))
        else:
            found.update(_DIGEST.findall(payload))
    return found


def _is_readable(kind: str, version: int, payload: str) -> bool:
    try:
        CATALOGUE.read(kind, version, payload, {})
    except UnreadableEvent:
        return False
    return True
