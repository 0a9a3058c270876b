"""Raw ``COPY`` of whole rows of ``ledger.events``: what appending is held against.

Binary, since text reached 0.81 to 0.94 of it here. The rows are made beforehand, hashes and all.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from attrs import define, evolve, field
from psycopg.copy import Copy, FileWriter

from ledger.canonical import UNIT_SEPARATOR
from ledger.store.batch import Batch
from ledger.store.entries import RECORD_SEPARATOR, StoredEvent
from tests.benchmarks.venues import ACTOR, RUN

_COPY = "COPY ledger.events FROM STDIN (FORMAT binary)"
_TYPES = (
    *("int8", "uuid", "text", "int4", "text[]", "text", "int2", "timestamptz", "text", "uuid"),
    # A json travels as its text.
    *("int8", "text", "bytea"),
)


@define
class Rows:
    """The rows that batches become when one is appended after the other."""

    versions: dict[str, int] = field(factory=dict)
    position: int = 0

    def of(self, batch: Batch) -> list[StoredEvent]:
        """The next batch's rows, with the hashes that ``ledger.append`` would give them."""
        now = datetime.now(UTC)
        texts = zip(*(column.split(UNIT_SEPARATOR) for column in batch.columns), strict=True)
        rows = []
        for event_id, stream, _, subjects, kind, schema_version, cause, payload in texts:
            self.position += 1
            self.versions[stream] = self.versions.get(stream, 0) + 1
            row = StoredEvent(
                position=self.position,
                event_id=UUID(event_id),
                stream=stream,
                version=self.versions[stream],
                subjects=subjects.split(RECORD_SEPARATOR),
                type=kind,
                schema_version=int(schema_version),
                recorded_at=now,
                actor=ACTOR,
                run_id=RUN,
                cause=int(cause) if cause else None,
                payload=payload,
                hash=b"",
            )
            rows.append(evolve(row, hash=row.computed_hash()))
        return rows


def copy_bytes(connection: psycopg.Connection[Any], rows: Sequence[StoredEvent]) -> bytes:
    """The rows as ``COPY`` takes them."""
    file = io.BytesIO()
    with Copy(connection.cursor(), binary=True, writer=FileWriter(file)) as copy:
        copy.set_types(_TYPES)
        for row in rows:
            copy.write_row(
                (
                    *(row.position, row.event_id, row.stream, row.version, row.subjects, row.type),
                    *(row.schema_version, row.recorded_at, row.actor, row.run_id, row.cause),
                    *(row.payload, row.hash),
                )
            )
    return file.getvalue()


def copy(connection: psycopg.Connection[Any], data: bytes) -> None:
    """One ``COPY``, committed."""
    with connection.cursor().copy(_COPY) as rows:
        rows.write(data)
    connection.commit()
