"""``status``: freshness, unfinished work, what waits for a person, anchoring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.command import command, json_option, opened_for_reading
from ledger.output.documents import print_json, print_table
from ledger.output.lines import answer, answer_lines

if TYPE_CHECKING:
    from ledger.runs.states import RunState
    from sync.reports.status import Status, Unfinished


@command(
    "status",
    "admsync status",
    "admsync status --strict --metrics /var/lib/node_exporter/admsync.prom",
)
@click.option(
    "--metrics",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it to a text file for Prometheus, too.",
)
@click.option("--strict", is_flag=True, help="Exit with 5 where a person's decision is waited for.")
@json_option
@click.pass_context
def status(ctx: click.Context, *, metrics: Path | None, strict: bool, as_json: bool) -> None:
    """Say how fresh each entity is, and what waits.

    Of each entity when it was last synced to its end; runs that stopped; discrepancies and fields
    out of step; and whether the ledger's end is noted outside the database. Nothing is fetched.
    """
    from ledger.settings.environment import environment
    from sync.reports.status import read_status

    with (
        opened_for_reading(announcing=False) as database,
        database.driver_transaction() as connection,
    ):
        found = read_status(connection, environment())
    if metrics is not None:
        from sync.reports.metrics import write_metrics

        write_metrics(found, metrics)
    if as_json:
        print_json(_document(found))
    else:
        print_status(found)
    ctx.exit(5 if strict and found.waiting.decision else 0)


def print_status(found: Status) -> None:
    """The state of things, for a person."""
    from ledger.output.words import age, local_time, local_zone
    from sync.reports.digest import waiting_lines

    waiting = {one.entity: one for one in found.waiting.discrepancies}
    print_table(
        ("Entity", f"Last synced ({local_zone()})", "Age", "To decide"),
        [
            (
                one.entity.name,
                local_time(one.synced_at) or "never synced",
                "" if one.age is None else age(one.age),
                waiting[one.entity].count if one.entity in waiting else "",
            )
            for one in found.entities
        ],
    )
    answer_lines(_run_lines(found))
    lines = list(waiting_lines(found.waiting))
    answer("Waiting for you:" if lines else "Nothing waits for you.")
    answer_lines(f"  {line}" for line in lines)
    mark = "✓" if found.anchoring.ok else "⚠"
    answer(f"{mark} Ledger at position {found.position}: {found.anchoring.said}")


def _run_lines(found: Status) -> Iterator[str]:
    last = found.last_sync
    if last is not None and last.state == "failed":
        yield f"✗ The last sync failed: {last.command}, run {last.run_id}: {last.reason}"
    for one in found.unfinished:
        yield from _unfinished_lines(one)


def _unfinished_lines(one: Unfinished) -> Iterator[str]:
    row = f" ({one.streak})" if one.streak and one.streak.runs > 1 else ""
    yield f"✗ Unfinished: {one.run.command}{row}, stopped: {one.run.reason}"
    yield f"    admsync resume {one.run.run_id}"


def _document(found: Status) -> dict[str, Any]:
    waiting = {one.entity: one for one in found.waiting.discrepancies}
    return {
        "position": found.position,
        "entities": [
            {
                "entity": one.entity.name,
                "synced_at": one.synced_at,
                "run_id": one.run_id,
                "age_seconds": one.age,
                "open_discrepancies": waiting[one.entity].count if one.entity in waiting else 0,
                "new_discrepancies": waiting[one.entity].new if one.entity in waiting else 0,
                "oldest_discrepancy": waiting[one.entity].oldest if one.entity in waiting else None,
            }
            for one in found.entities
        ],
        "last_sync": None if found.last_sync is None else _run(found.last_sync),
        "unfinished": [
            {
                **_run(one.run),
                "in_a_row": one.streak.runs if one.streak else 1,
                "since": one.streak.since if one.streak else one.run.started_at,
            }
            for one in found.unfinished
        ],
        "fields_to_decide": found.waiting.to_decide,
        "fields_to_push": found.waiting.to_push,
        "decision_waited_for": found.waiting.decision,
        "anchored": found.anchoring.ok,
        "anchored_position": found.anchoring.position,
        "anchoring": found.anchoring.said,
    }


def _run(state: RunState) -> dict[str, Any]:
    return {
        "run_id": state.run_id,
        "command": state.command,
        "state": state.state,
        "reason": state.reason,
        "started_at": state.started_at,
    }
