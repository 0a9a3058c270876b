"""``runs``, ``show`` and ``history``: what ran, and what happened to a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.command import command, json_option, opened_ledger
from ledger.cli.legible import event_details, event_head, local_end, local_time
from ledger.cli.output import print_entry, print_json, print_json_list

if TYPE_CHECKING:
    from ledger.runs import RunState


@command("runs")
@json_option
@click.option("--limit", type=click.IntRange(1), help="Only the newest so many.")
def runs(*, as_json: bool, limit: int | None) -> None:
    """List what ran, when, by whom, and how it ended.

    Newest first. A run is named by the end of its id, which show takes as well as the whole.
    """
    from ledger.runs import run_states

    with opened_ledger() as ledger:
        states = run_states(ledger.database, limit=limit)
    if as_json:
        print_json(states)
        return
    if not states:
        click.echo("Nothing has run yet.")
        return
    for state in states:
        head = f"{_short_id(state)}  {local_time(state.started_at)}  {state.state:<7}"
        print_entry(f"{head}  {state.command}", _run_details(state))


@command("show")
@click.argument("run")
@json_option
def show(run: str, *, as_json: bool) -> None:
    """Show one run's events in order.

    RUN is a run's id, the beginning or end of one, or last.
    """
    from ledger.database import driver
    from ledger.history import run_history
    from ledger.runs import find_run

    with opened_ledger() as ledger:
        state = find_run(ledger.database, run)
        if not as_json:
            click.echo(
                f"Run {state.run_id}: {state.command}, {state.state} {state.reason}".rstrip()
            )
            click.echo(f"by {state.actor}, {local_time(state.started_at)}, {state.software}")
        with ledger.database.transaction() as connection:
            _print_events(run_history(driver(connection), state.run_id), as_json=as_json)


@command("history")
@click.argument("record")
@json_option
@click.option("--at", metavar="POSITION|TIME", help="As it was known then.")
def history(record: str, at: str | None, *, as_json: bool) -> None:
    """Show every event of one record.

    Newest last, from either side of its link. RECORD is what it goes by, or went by ("BPP
    Waterloo"), its Administrate id, or TABLE/KEY: for example adm.venues/VmVudWU6Nw==,
    adm.venues/17 or acted.tutorial_venues/5.
    """
    from ledger.database import driver
    from ledger.history import record_history
    from ledger.records import counterpart, find_record
    from ledger.replay import position_of

    with opened_ledger() as ledger, ledger.database.transaction() as connection:
        reader = driver(connection)
        found = find_record(reader, record)
        until = None if at is None else position_of(connection, at)
        if not as_json:
            other = counterpart(reader, found.record)
            link = f", linked with {other}" if other else ", not linked"
            name = "" if found.record.endswith(f"/{found.name}") else f" ({found.name})"
            click.echo(f"{found.record}{name}{link}")
        _print_events(record_history(reader, found.record, until=until), as_json=as_json)


def _print_events(events: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json_list(events)
        return
    for event in events:
        print_entry(event_head(event), event_details(event["payload"]))


def _short_id(state: RunState) -> str:
    """The end of a run's id, which tells it from the others; their beginnings are alike."""
    return str(state.run_id)[-12:]


def _run_details(state: RunState) -> list[str]:
    until = f", until {local_end(state.started_at, state.ended_at)}" if state.ended_at else ""
    counts = ", ".join(f"{count} {name}" for name, count in state.counts.items())
    go_on = f"go on with: admsync resume {_short_id(state)}" if state.state == "stopped" else ""
    said = (f"by {state.actor}{until}", counts, state.reason, go_on)
    return [detail for detail in said if detail]
