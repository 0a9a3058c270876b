"""``runs``, ``show`` and ``set-aside``: what ran, what a run did, the end of a stopped one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from ledger.cli import completion
from ledger.cli.command import (
    command,
    json_option,
    opened_for_reading,
    opened_ledger,
    paged,
    reason_option,
)
from ledger.output.documents import print_json, print_table
from ledger.output.lines import answer, report

if TYPE_CHECKING:
    from ledger.runs.states import RunState

_MOST = 1_000_000_000  # more runs than there will ever be, and still a number the server takes


@command("runs", "admsync runs --limit 5", "admsync runs --json")
@json_option
@click.option("--limit", type=click.IntRange(1, _MOST), help="Only the newest so many.")
@paged
def runs(*, as_json: bool, limit: int | None) -> None:
    """List what ran, when, by whom, and how it ended.

    Newest first. A run is named by the end of its id, which show takes as well as the whole.
    """
    from ledger.runs.states import run_states

    with opened_for_reading() as database:
        states = run_states(database, limit=limit)
    if as_json:
        print_json(states)
        return
    if not states:
        answer("Nothing has run yet.")
        return
    print_runs(states)


def print_runs(states: Sequence[RunState]) -> None:
    """Prints runs as a table."""
    from ledger.output.words import counts_in_words, duration, local_time, local_zone

    print_table(
        (
            *("Run", "State", "Command", f"Started ({local_zone()})", "Took", "By", "Open"),
            *("Workbook", "Counts", "Why"),
        ),
        [
            (
                state.run_id,
                state.state,
                state.command,
                local_time(state.started_at),
                duration(state.seconds),
                state.actor,
                state.open_writes or "",
                state.workbook,
                counts_in_words(state.counts) if state.counts else "",
                state.reason if state.state in ("stopped", "failed", "set aside") else "",
            )
            for state in states
        ],
    )


@command("show", "admsync show last", "admsync show 8f12cc26964e --raw")
@click.argument("run", shell_complete=completion.runs)
@click.option(
    "--type", "types", metavar="TYPE", multiple=True, help="Of this type alone; may be repeated."
)
@click.option(
    "--record", metavar="RECORD", shell_complete=completion.records, help="About this record alone."
)
@click.option("--failed", is_flag=True, help="What went wrong alone: refused, unanswered, failed.")
@click.option("--limit", type=click.IntRange(1, _MOST), help="Only the first so many.")
@click.option("--raw", is_flag=True, help="With what Administrate answered, as it was stored.")
@json_option
@paged
def show(run: str, *, record: str | None, as_json: bool, **asked: Any) -> None:
    """Show one run's events in order.

    How it went first, and how many events of each type it has. RUN is a run's id, the beginning or
    end of one, or last.
    """
    from ledger.cli.history import print_events, print_numbers, print_run
    from ledger.history.asked_events import FAILING, numbers_of, types_named
    from ledger.history.find_record import find_record
    from ledger.history.record_history import events_about, link_of
    from ledger.runs.states import find_run
    from ledger.store.read import Selection

    selection = Selection(
        types=types_named(asked["types"]), failing=FAILING if asked["failed"] else None
    )
    with opened_for_reading() as database:
        state = find_run(database, run)
        with database.driver_transaction() as reader:
            if record is not None:
                link = link_of(reader, find_record(reader, record, in_part=True).record)
                selection = evolve(selection, subjects=events_about(reader, [link]).subjects)
            if not as_json:
                print_run(state)
                print_numbers(numbers_of(reader, state.run_id))
        selection = evolve(selection, run_id=state.run_id)
        limit, raw = asked["limit"], asked["raw"]
        print_events(database, selection, as_json=as_json, raw=raw, limit=limit)


@command("set-aside", 'admsync set-aside last --reason "imported from a corrected file"')
@click.argument("run", shell_complete=completion.runs)
@reason_option()
@json_option
def set_aside(run: str, *, reason: str, as_json: bool) -> None:
    """End a stopped run that nobody goes on with.

    What it did stays, until admsync rollback undoes it. RUN is as for admsync show.
    """
    from ledger.output.words import counted
    from ledger.runs.set_aside import set_aside as end
    from ledger.runs.states import find_run

    with opened_ledger(announcing=False) as ledger:
        state = end(ledger, find_run(ledger.database, run), reason)
    if as_json:
        print_json(state)
        return
    report(f"✓ Set aside: {state.command}, run {state.run_id}")
    if state.open_writes:
        unknown = counted(state.open_writes, "write")
        asked = f"what was asked: admsync show {state.run_id}"
        report(f"  ⚠ {unknown} of unknown outcome: look in Administrate; {asked}")
    if not state.kind.kept:
        report(f"  What it did stays; to undo it: admsync rollback {state.run_id}")
