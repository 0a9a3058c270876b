"""A batch of events as ``ledger.append`` takes it: one text per column, its values separated."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from attrs import frozen

from ledger.canonical import UNIT_SEPARATOR
from ledger.errors import AppendRefused
from ledger.events import Catalogue
from ledger.events.catalogue import SealedValue
from ledger.store.entries import RECORD_SEPARATOR, Entry

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
    streams, ordinals, subjects = list[str](), list[str](), list[str]()
    events = [entry.event for entry in entries]
    of_run = None if run_id is None else f"run/{run_id}"
    for event in events:
        record, others = event.record(), event.others()
        stream = of_run if record is None else record
        if stream is None:
            raise AppendRefused(f"{type(event).__name__} is about no record, so it needs a run")
        seen[stream] = ordinal = seen[stream] + 1
        about = dict.fromkeys(others if record is None else (record, *others))
        named.update(about)
        streams.append(stream)
        ordinals.append(str(ordinal))
        subjects.append(RECORD_SEPARATOR.join(about))
    if "" in named or _UNNAMEABLE.search("".join(named)):
        name = next(name for name in named if not name or _UNNAMEABLE.search(name))
        raise AppendRefused(f"{name!a} cannot name a record; record_name escapes what it holds")
    columns = (
        [entry.event_id.hex for entry in entries],
        *(streams, ordinals, subjects),
        [type(event).__name__ for event in events],
        [str(event.schema_version) for event in events],
        ["" if entry.cause is None else str(entry.cause) for entry in entries],
    )
    payloads = catalogue.write_all(events, sealed)
    return Batch(len(entries), (*map(UNIT_SEPARATOR.join, columns), payloads), sealed)
