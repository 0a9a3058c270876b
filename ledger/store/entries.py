"""An event before its append, and as stored."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from attrs import field, frozen
from uuid_utils.compat import uuid7

from ledger.canonical import UNIT_SEPARATOR
from ledger.events import Event

# Between an event's subjects, as UNIT_SEPARATOR is between the columns of its bytes; none holds it.
RECORD_SEPARATOR = "\x1e"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@frozen
class Entry:
    """An event to append. Appended again under the same ``event_id``, it is in only once.

    ``cause`` is the position of the event it follows from: a decision's fetch, an answer's request.
    """

    event: Event
    cause: int | None = None
    event_id: UUID = field(factory=uuid7)


@frozen
class StoredEvent:
    """A row of ``ledger.events``. ``payload`` is the canonical text that was hashed."""

    position: int
    event_id: UUID
    stream: str
    version: int
    subjects: list[str]
    type: str
    schema_version: int
    recorded_at: datetime
    actor: str
    run_id: UUID | None
    cause: int | None
    payload: str
    hash: bytes

    def is_as_hashed(self) -> bool:
        """Whether the event's columns match its hash."""
        joined = RECORD_SEPARATOR.join(map(str, self.subjects))
        # Other subjects may join to the same bytes: ["a", "b"] and ["a\x1eb"], [] and [""].
        as_written = joined.split(RECORD_SEPARATOR) if joined else []
        return self.subjects == as_written and self.computed_hash() == self.hash

    def computed_hash(self) -> bytes:
        """SHA-256 of every column but the hash, as ``ledger.append`` writes them."""
        return hashlib.sha256(self.hashed_bytes()).digest()

    def hashed_bytes(self) -> bytes:
        """The bytes covered by the hash."""
        columns = (
            str(self.position),
            str(self.event_id),
            self.stream,
            str(self.version),
            RECORD_SEPARATOR.join(self.subjects),
            self.type,
            str(self.schema_version),
            str((self.recorded_at - _EPOCH) // _MICROSECOND),
            self.actor,
            "" if self.run_id is None else _text_of_run(self.run_id),
            "" if self.cause is None else str(self.cause),
            self.payload,
        )
        return UNIT_SEPARATOR.join(columns).encode()


# Of the events in a row, most are of one run.
_text_of_run = lru_cache(maxsize=64)(str)


@frozen(kw_only=True)
class Unreadable(Event):
    """Stands for an event that cannot be read, where the others are told all the same.

    ``stream``, ``type`` and ``version`` are its columns, ``why`` is what is wrong with it.
    """

    stream: str
    type: str
    version: int
    why: str

    def record(self) -> str | None:
        return None if self.stream.startswith("run/") else self.stream
