"""``runs``, ``show`` and ``set-aside``: what ran, what a run did, the end of a stopped one."""

from __future__ import annotations

import click

from ledger.cli import completion
from ledger.cli.command import (
    command,
    json_option,
    opened_for_reading,
    opened_ledger,
    reason_option,
)
from ledger.output.documents import print_json, print_table
from ledger.output.lines import answer, report

_MOST = 1_000_000_000  # more runs than there will ever be, and still a number the server takes


@command("runs", "admsync runs --limit 5", "admsync runs --json")
@json_option
@click.option("--limit", type=click.IntRange(1, _MOST), help="Only the newest so many.")
def runs(*, as_json: bool, limit: int | None) -> None:
    """List what ran, when, by whom, and how it ended.

    Newest first. A run is named by the end of its id, which show takes as well as the whole.
    """
    from ledger.output.words import counts_in_words, duration, local_time, local_zone
    from ledger.runs.states import run_states

    with opened_for_reading() as database:
        states = run_states(database, limit=limit)
    if as_json:
        print_json(states)
        return
    if not states:
        answer("Nothing has run yet.")
        return
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
@json_option
@click.option("--raw", is_flag=True, help="With what Administrate answered, as it was stored.")
def show(run: str, *, as_json: bool, raw: bool) -> None:
    """Show one run's events in order.

    RUN is a run's id, the beginning or end of one, or last.
    """
    from ledger.cli.history import print_events, print_run
    from ledger.runs.states import find_run
    from ledger.store.read import Selection

    with opened_for_reading() as database:
        state = find_run(database, run)
        if not as_json:
            print_run(state)
        print_events(database, Selection(run_id=state.run_id), as_json=as_json, raw=raw)


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
