"""Prints events: in words, grouped by run, or as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

import psycopg
from attrs import evolve

from ledger.database.connection import Database
from ledger.events import MatchesReaffirmed
from ledger.history.as_json import Event, events_as_json
from ledger.history.asked_events import CHANGING
from ledger.history.display_names import Called
from ledger.history.record_history import (
    Link,
    Step,
    by_run,
    events_about,
    events_at,
    explained,
    link_of,
    steps,
)
from ledger.history.stored_answers import answer_text, stored_answers
from ledger.history.workbook_rows import origin_of
from ledger.output.documents import print_json_list
from ledger.output.lines import answer
from ledger.output.words import counted, counts_in_words, duration, local_time, local_zone
from ledger.runs.states import RunState, short_id, states_of
from ledger.store.read import Selection, read

_INDENT = " " * 10


def print_run(state: RunState) -> None:
    """Prints a run as the heading of its events."""
    answer(f"Run {state.run_id}")
    answer(f"{state.command}, {state.state}{state.reason and f': {state.reason}'}")
    took = f", took {duration(state.seconds)}" if state.seconds is not None else ""
    started = f"{local_time(state.started_at)} {local_zone()}"
    answer(f"by {state.actor}, {started}{took}, admsync {state.software}")
    if state.workbook:
        answer(f"workbook {state.workbook}")
    if state.counts:
        answer(counts_in_words(state.counts))
    if state.open_writes:
        ending = "; resuming finds out" if state.state == "stopped" else ""
        answer(f"{counted(state.open_writes, 'write')} with unknown outcome{ending}")


def print_numbers(numbers: Mapping[str, int]) -> None:
    """Prints how many events of each type a run has."""
    told = ", ".join(f"{number:,} {kind}" for kind, number in numbers.items())
    answer(f"{counted(sum(numbers.values()), 'event')}: {told}", hang=2)


def print_history(
    database: Database,
    records: Sequence[str],
    *,
    until: int | None = None,
    beside: Collection[int] = (),
    changes_only: bool = False,
    as_json: bool,
    raw: bool = False,
) -> None:
    """Prints the records' links, their reasons and their events, from both sides.

    The events at the positions ``beside`` are included, although they name no record.
    ``changes_only``: of the others, those that change something.
    """
    with database.driver_transaction() as reader:
        links = [link_of(reader, record, until=until) for record in records]
        if not as_json:
            for number, link in enumerate(links):
                if number or beside:
                    answer()
                _print_head(reader, link, until)
        selection = events_about(reader, links, until=until)
        if changes_only:
            selection = evolve(selection, types=CHANGING)
        if beside:
            positions = {event.position for event in read(reader, selection)}
            selection = Selection(positions=positions.union(beside))
    about = records[0] if len(records) == 1 else None
    if not as_json:
        answer()
        answer(f"What happened (times are {local_zone()})")
    print_events(database, selection, as_json=as_json, raw=raw, about=about, folded=not raw)


def _print_head(
    reader: psycopg.Connection[tuple[object, ...]], link: Link, until: int | None
) -> None:
    called = Called(reader, at=until)
    _print_link(link, called)
    if (origin := origin_of(reader, link.sides, until=until)) is not None:
        row, workbook, position = origin.row.row, origin.workbook, origin.recorded.position
        answer(
            f"  made from row {row} of {workbook.name}, sheet {workbook.sheet}, position {position}"
        )
    if link.decided is not None:
        when = f"{local_time(link.decided.recorded_at)}, position {link.decided.position}"
        answer()
        answer(f"{'Why linked' if link.other else 'Why not linked'} (decided {when})")
        [lines] = explained(reader, [link.decided.event], called)
        for line in lines:
            answer(f"  {line}")


def _print_link(link: Link, called: Called) -> None:
    answer(called(link.record))
    if link.other is not None and link.since is not None:
        since = f"since {local_time(link.since.recorded_at)}, position {link.since.position}"
        answer(f"  linked with {called(link.other)} {since}")
    elif link.gone is not None:
        answer(f"  gone since {local_time(link.gone.recorded_at)}")
    else:
        answer("  not linked")


def print_events(
    database: Database,
    selection: Selection,
    *,
    as_json: bool,
    raw: bool = False,
    about: str | None = None,
    folded: bool = False,
    limit: int | None = None,
) -> None:
    """The selected events in order, or the first so many, under the runs they belong to, of which
    one alone is not named again. ``raw``: with the stored answers behind them. ``about`` is the
    record that they need not name; ``folded``: syncs that only confirmed it take one line."""
    with database.driver_transaction() as reader:
        if as_json:
            events = events_as_json(reader, selection, limit=limit)
            print_json_list(_with_answers(reader, events) if raw else events)
            return
        found = steps(reader, selection, limit=limit)
        for of_run in _unfolded(by_run(found)) if folded else (each for _, each in by_run(found)):
            for number, step in enumerate(of_run):
                if number == 0:
                    answer()
                    if selection.run_id is None:
                        answer(_heading(reader, step.recorded.run_id))
                print_step(step, about)
                if raw:
                    _print_answers(reader, step, about)


def _unfolded(runs: Iterable[tuple[UUID | None, Iterator[Step]]]) -> Iterator[Sequence[Step]]:
    """The steps of each run that did more than to confirm; a line for those between."""
    confirming: list[Step] = []
    for _, each in runs:
        of_run = list(each)
        if all(isinstance(step.recorded.event, MatchesReaffirmed) for step in of_run):
            confirming.append(of_run[-1])
            continue
        _print_confirmed(confirming)
        confirming.clear()
        yield of_run
    _print_confirmed(confirming)


def _print_confirmed(steps: Sequence[Step]) -> None:
    if steps:
        last = steps[-1].recorded
        answer()
        answer(
            f"Confirmed unchanged by {counted(len(steps), 'sync')}, last on"
            f" {local_time(last.recorded_at)}, position {last.position}"
        )


def _heading(reader: psycopg.Connection[tuple[object, ...]], run_id: UUID | None) -> str:
    if run_id is None:
        return "Outside any run"
    state = states_of(reader, [run_id]).get(run_id)
    if state is None:
        return f"A run that nothing says the start of: {run_id}"
    return f"{state.command}, {state.state}: run {short_id(run_id)}, by {state.actor}"


def print_step(step: Step, about: str | None) -> None:
    """Prints one event; ``about`` is the record that it need not name."""
    recorded = step.recorded
    record = recorded.event.record()
    whose = f"{step.named}: " if record is not None and record != about else ""
    source = f"  ← {step.source}" if step.source else ""
    when = local_time(recorded.recorded_at)
    said = f"{whose}{step.description.sentence}{source}"
    answer(f"{recorded.position:>8}  {when}  {said}", hang=len(_INDENT))
    for change in step.description.changes:
        answer(f"{_INDENT}{change}")


def _print_answers(
    reader: psycopg.Connection[tuple[object, ...]], step: Step, about: str | None
) -> None:
    record = about or step.recorded.event.record() or ""
    behind = [one for one in (step.recorded, step.cause) if one is not None]
    for stored in stored_answers(reader, behind, record):
        if stored is None:
            answer(f"{_INDENT}(the stored answer was erased)")
            continue
        for line in answer_text(stored).splitlines():
            answer(f"{_INDENT}{line}")


def _with_answers(
    reader: psycopg.Connection[tuple[object, ...]], events: Iterable[Event]
) -> Iterator[Event]:
    for event in events:
        positions = [one for one in (event["position"], event["cause"]) if one is not None]
        behind = events_at(reader, positions).values()
        record = str(event["stream"])
        yield {**event, "answers": list(stored_answers(reader, behind, record))}
