"""Sets back what both sides had agreed on, where a rollback takes back what a run applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import cast
from uuid import UUID

from ledger.events import FieldsAgreed
from ledger.events.agreement import Pair
from ledger.events.recorded import Recorded
from ledger.rollback.changes import RowKey
from ledger.store.entries import Entry

# How a base is set by a run whose change of a tutorial row a rollback takes back.
APPLIED = "applied"


def bases_set_back(
    run_id: UUID, agreements: Iterable[Recorded], restored: Collection[RowKey]
) -> Iterator[Entry]:
    """The events that set back the bases of fields that a run applied to ``restored`` tutorial
    rows, and that no later run agreed on anew.

    ``agreements`` are every FieldsAgreed of the records, in order. Administrate's value is marked
    as taken back: it is applied again only once it changes, or a person says so.
    """
    by_record: dict[str, list[Recorded]] = defaultdict(list)
    for recorded in agreements:
        by_record[str(recorded.event.record())].append(recorded)
    for found in by_record.values():
        history = _fields(found)
        mine = {
            name: changes
            for name, changes in history.items()
            if changes[-1][0].run_id == run_id and _by(changes[-1][0]) == APPLIED
        }
        if not mine:
            continue
        last = max((changes[-1][0] for changes in mine.values()), key=lambda one: one.position)
        event = cast("FieldsAgreed", last.event)
        table, _, row_id = event.tutorial.rpartition("/")
        if RowKey(table, int(row_id)) not in restored:
            continue
        before = {name: _before(run_id, changes) for name, changes in mine.items()}
        set_back = FieldsAgreed(
            table=event.table,
            key=event.key,
            row_id=event.row_id,
            tutorial=event.tutorial,
            pairs={name: pair for name, pair in before.items() if pair is not None},
            by="rollback",
            forgotten=tuple(name for name, pair in before.items() if pair is None),
            taken_back={name: changes[-1][1].administrate for name, changes in mine.items()},
        )
        yield Entry(set_back, last.position)


def _fields(agreements: Iterable[Recorded]) -> Mapping[str, list[tuple[Recorded, Pair]]]:
    """Each field's bases, oldest first."""
    found: dict[str, list[tuple[Recorded, Pair]]] = defaultdict(list)
    for recorded in agreements:
        event = cast("FieldsAgreed", recorded.event)
        for name in event.forgotten:
            found.pop(name, None)
        for name, pair in event.pairs.items():
            found[name].append((recorded, pair))
    return found


def _before(run_id: UUID, changes: Iterable[tuple[Recorded, Pair]]) -> Pair | None:
    earlier = [pair for recorded, pair in changes if recorded.run_id != run_id]
    return earlier[-1] if earlier else None


def _by(recorded: Recorded) -> str:
    return cast("FieldsAgreed", recorded.event).by
