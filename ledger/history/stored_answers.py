"""Administrate's stored answers behind an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import psycopg

from ledger.events import Event, PageFetched, WriteAnswered
from ledger.events.recorded import Recorded
from ledger.store.blobs import get_blob


def stored_answers(
    connection: psycopg.Connection[Any], events: Iterable[Recorded], record: str
) -> Iterator[object]:
    """Administrate's answers as JSON, reduced to the part about the record where there is one.

    ``None`` for an answer that was erased.
    """
    key = record.partition("/")[2]
    for recorded in events:
        for digest in _digests(recorded.event):
            body = get_blob(connection, bytes.fromhex(digest))
            yield None if body is None else _part_about(_parsed(body), key)


def answer_text(stored: object) -> str:
    """A stored answer, or a part of one, as JSON for people."""
    return orjson.dumps(stored, option=orjson.OPT_INDENT_2).decode()


def has_answers(event: Event) -> bool:
    """Whether Administrate's answer is stored with an event."""
    return isinstance(event, PageFetched | WriteAnswered)


def _digests(event: Event) -> Iterator[str]:
    match event:
        case PageFetched():
            yield from (answer.digest for answer in event.answers)
        case WriteAnswered():
            yield event.digest


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


def _part_about(answer: Any, key: str) -> Any:
    """The object with the id in an answer, or else the whole answer."""
    waiting = [answer]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if key in (found.get("id"), found.get("key")):
                return found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    return answer
