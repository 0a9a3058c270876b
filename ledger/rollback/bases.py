"""Sets back what both sides had agreed on, and what people decided, where a run is rolled back.

A field of a record has a history of its own, as rows have: what its base, its decision and its
listing were after each event. A run's part of it is taken back where nothing later has changed it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import cast
from uuid import UUID

from attrs import evolve, field, frozen

from ledger.events import FieldDecided, FieldsAgreed, FieldsDiffer
from ledger.events.agreement import Disparity, Pair
from ledger.events.recorded import Recorded
from ledger.events.records import BridgeEvent
from ledger.rollback.changes import RowKey
from ledger.rollback.parts import FieldsBack, KeptRow
from ledger.store.entries import Entry
from ledger.values import Value

# The events that say something of fields.
AGREEMENTS = (FieldsAgreed, FieldsDiffer, FieldDecided)
# How a base is set together with a tutorial row, and by a run that wrote to both sides.
_WITH_ROW = frozenset({"applied", "decided"})
_ON_BOTH_SIDES = frozenset({"command", "pushed"})


@frozen
class _State:
    """What holds of a field after an event."""

    recorded: Recorded | None = None
    pair: Pair | None = None
    decided: FieldDecided | None = None
    listed: Disparity | None = None
    was_taken_back: bool = False
    taken_back: Value = None

    @property
    def run_id(self) -> UUID | None:
        return self.recorded.run_id if self.recorded else None

    @property
    def wrote_row(self) -> bool:
        event = self.recorded.event if self.recorded else None
        return isinstance(event, FieldsAgreed) and event.by in _WITH_ROW

    @property
    def wrote_both(self) -> bool:
        event = self.recorded.event if self.recorded else None
        return isinstance(event, FieldsAgreed) and event.by in _ON_BOTH_SIDES

    @property
    def decides(self) -> bool:
        return self.recorded is not None and isinstance(self.recorded.event, FieldDecided)


_NOTHING = _State()
# By field, oldest first.
_History = Mapping[str, list[_State]]


@frozen
class FieldHistories:
    """What was ever agreed on, listed and decided about the records of a run.

    ``agreements`` are every event of ``AGREEMENTS`` about the records, in order. ``rolled_back``
    maps the run of each rollback to the run it rolled back.
    """

    agreements: Sequence[Recorded] = ()
    rolled_back: Mapping[UUID, UUID] = field(factory=dict)


def fields_back(
    run_id: UUID, known: FieldHistories, held: Collection[tuple[str, str]] = ()
) -> tuple[list[FieldsBack], list[KeptRow]]:
    """The fields that a run's rollback sets back, by record, and the decisions that it keeps since
    something later changed the field. ``held`` are records and fields that stay as they are.

    What a run applied to a tutorial row is marked as taken back: it is applied again only once
    Administrate changes it, or a person says so.
    """
    by_record: dict[str, list[Recorded]] = defaultdict(list)
    for recorded in known.agreements:
        by_record[str(recorded.event.record())].append(recorded)
    back, kept = [], []
    for record, found in by_record.items():
        histories = _fold(found, known.rolled_back)
        mine: dict[str, tuple[_State, list[_State]]] = {}
        for name, states in histories.items():
            if (record, name) in held:
                continue
            before, own = _of_run(states, run_id)
            if any(one.wrote_row or one.wrote_both or one.decides for one in own):
                mine[name] = before, own
            elif any(one.run_id == run_id and one.decides for one in states):
                later = cast("Recorded", states[-1].recorded)
                why = f"{type(later.event).__name__} changed it later"
                kept.append(KeptRow(record, f"the decision about {name}", why, later.position))
        # What was applied goes with its row; a decision, and what was set on both sides, does not.
        for needs_row in (False, True):
            some = {n: s for n, s in mine.items() if _needs_row(s[1]) is needs_row}
            if some:
                back.append(_back(record, some, needs_row=needs_row))
    return back, kept


def _needs_row(own: Iterable[_State]) -> bool:
    return any(one.wrote_row for one in own)


def entries_back(fields: Iterable[FieldsBack]) -> Iterator[Entry]:
    """The events that set fields back, each with the event that it takes back as its cause."""
    for one in fields:
        for event in one.events:
            yield Entry(event, one.cause)


def _back(
    record: str, mine: Mapping[str, tuple[_State, list[_State]]], *, needs_row: bool
) -> FieldsBack:
    recorded = [cast("Recorded", own[-1].recorded) for _, own in mine.values()]
    last = max(recorded, key=lambda one: one.position)
    event = cast("FieldsAgreed | FieldsDiffer | FieldDecided", last.event)
    before = {name: state for name, (state, _) in mine.items()}
    taken_back = {n: s.taken_back for n, s in before.items() if s.was_taken_back}
    taken_back |= {
        name: one.pair.administrate
        for name, (_, own) in mine.items()
        for one in own
        if one.wrote_row and one.pair is not None
    }
    events: list[BridgeEvent] = [
        FieldsAgreed(
            table=event.table,
            key=event.key,
            row_id=event.row_id,
            tutorial=event.tutorial,
            pairs={name: one.pair for name, one in before.items() if one.pair is not None},
            by="rollback",
            forgotten=tuple(name for name, one in before.items() if one.pair is None),
            taken_back=taken_back,
        )
    ]
    if listed := {name: one.listed for name, one in before.items() if one.listed is not None}:
        events.append(
            FieldsDiffer(
                table=event.table,
                key=event.key,
                row_id=event.row_id,
                tutorial=event.tutorial,
                fields=listed,
            )
        )
    events += [one.decided for one in before.values() if one.decided is not None]
    return FieldsBack(
        record=record,
        names=tuple(mine),
        events=tuple(events),
        cause=last.position,
        row=RowKey.of(event.tutorial) if needs_row else None,
    )


def _of_run(states: Sequence[_State], run_id: UUID) -> tuple[_State, list[_State]]:
    """What held before the run's last part of the history, and that part."""
    mine = len(states)
    while mine and states[mine - 1].run_id == run_id:
        mine -= 1
    return (states[mine - 1] if mine else _NOTHING), list(states[mine:])


def _fold(agreements: Iterable[Recorded], rolled_back: Mapping[UUID, UUID]) -> _History:
    found: dict[str, list[_State]] = defaultdict(list)
    tutorial: str | None = None
    for recorded in agreements:
        event = cast("FieldsAgreed | FieldsDiffer | FieldDecided", recorded.event)
        if event.tutorial != tutorial:
            # Of another link: nothing of the former one holds.
            found.clear()
            tutorial = event.tutorial
        target = rolled_back.get(recorded.run_id) if recorded.run_id else None
        for name, state in _states(recorded, found).items():
            if target is None:
                found[name].append(state)
            else:
                _take_away(found[name], target)
    return found


def _take_away(states: list[_State], target: UUID) -> None:
    while states and states[-1].run_id == target:
        states.pop()


def _states(recorded: Recorded, found: _History) -> dict[str, _State]:
    """What holds after an event, of each field that it is about."""

    def now(name: str) -> _State:
        states = found.get(name)
        return evolve(states[-1] if states else _NOTHING, recorded=recorded)

    match recorded.event:
        case FieldsAgreed() as event:
            agreed = {
                name: _State(recorded, pair)
                for name, pair in {**dict.fromkeys(event.forgotten), **event.pairs}.items()
            }
            return {
                name: evolve(state, was_taken_back=True, taken_back=event.taken_back[name])
                if name in event.taken_back
                else state
                for name, state in agreed.items()
            }
        case FieldsDiffer(fields=fields):
            return {name: evolve(now(name), listed=one) for name, one in fields.items()}
        case FieldDecided(name=name) as event:
            return {name: evolve(now(name), decided=event)}
        case _:
            return {}
