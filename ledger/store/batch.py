"""A batch of events as ``ledger.append`` takes it: one text per column, its values separated."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from attrs import frozen

from ledger.errors import AppendRefused
from ledger.events import Catalogue
from ledger.events.catalogue import SealedValue
from ledger.store.entries import RECORD_SEPARATOR, UNIT_SEPARATOR, Entry

# Characters a text column cannot hold, and the separator of names.
_UNNAMEABLE = re.compile(f"[\x00{RECORD_SEPARATOR}{UNIT_SEPARATOR}\ud800-\udfff]")


@frozen
class Batch:
    """The first eight arguments of ``ledger.append``, and the personal values sealed in them."""

    size: int
    columns: tuple[str, ...]
    sealed: Sequence[SealedValue]


def batch_of(entries: Sequence[Entry], run_id: UUID | None, catalogue: Catalogue) -> Batch:
    """The entries' batch. Raises ``AppendRefused`` where a record's name cannot be stored."""
    sealed: list[SealedValue] = []
    seen: dict[str, int] = defaultdict(int)
    named: set[str] = set()
    # A list a column rather than a tuple an event: those would keep the garbage collector busy.
    columns = ids, streams, ordinals, subjects, types, versions, causes, payloads = tuple(
        list[str]() for _ in range(8)
    )
    for entry in entries:
        event = entry.event
        record = event.record()
        if record is None and run_id is None:
            raise AppendRefused(f"{type(event).__name__} is about no record, so it needs a run")
        stream = f"run/{run_id}" if record is None else record
        seen[stream] += 1
        about = dict.fromkeys(event.others() if record is None else (record, *event.others()))
        named.update(about)
        ids.append(entry.event_id.hex)
        streams.append(stream)
        ordinals.append(str(seen[stream]))
        subjects.append(RECORD_SEPARATOR.join(about))
        types.append(type(event).__name__)
        versions.append(str(event.schema_version))
        causes.append("" if entry.cause is None else str(entry.cause))
        payloads.append(catalogue.write(event, sealed).decode())
    if "" in named or _UNNAMEABLE.search("".join(named)):
        name = next(name for name in named if not name or _UNNAMEABLE.search(name))
        raise AppendRefused(f"{name!a} cannot name a record; record_name escapes what it holds")
    return Batch(len(entries), tuple(map(UNIT_SEPARATOR.join, columns)), sealed)
