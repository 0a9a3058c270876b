"""``events``: imported events published, sold, cancelled, in both systems."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from importer.cli.import_events import WORKBOOK
from ledger.cli import completion
from ledger.cli.command import (
    command,
    group,
    json_option,
    opened_for_reading,
    opened_ledger,
)
from ledger.cli.planning import judging_options
from ledger.output.documents import print_json, print_table
from ledger.output.lines import answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.database.connection import Database
    from sync.changes.chosen import Chosen

_F = TypeVar("_F", bound=Callable[..., Any])


@group(
    "events",
    "admsync events list --sitting 2026A --state draft",
    "admsync events publish --sitting 2026A --dry-run",
)
def events() -> None:
    """List linked events; publish, sell, cancel them.

    In both systems. Each change shows its plan first: what is set, and which events are left out,
    and why. It is written as an import is, and admsync resume goes on with one that stopped.
    """


def _selection(function: _F) -> _F:
    """Which events a command is about."""
    for option in (
        click.option(
            "--workbook",
            metavar="FILE.xlsx",
            type=WORKBOOK,
            help="The events of this workbook's rows.",
        ),
        click.option(
            "--run",
            metavar="RUN",
            shell_complete=completion.runs,
            help="The events that this import made.",
        ),
        click.option("--sitting", metavar="SITTING", help="Those of a sitting, such as 2026A."),
        click.argument("names", nargs=-1, metavar="[EVENT]...", shell_complete=completion.records),
    ):
        function = option(function)
    return function


def _carrying_out(function: _F) -> _F:
    """How a command carries its plan out."""
    options = judging_options(
        yes="Do not ask; needed where there is no terminal.",
        dry_run="Show the plan and change nothing.",
    )
    judged: Any = options(json_option(function))
    return judged  # type: ignore[no-any-return]  # of the same parameters, but for the options


@command("list", "admsync events list --sitting 2026A --state draft")
@click.option("--sitting", metavar="SITTING", help="Those of a sitting, such as 2026A.")
@click.option("--state", metavar="STATE", help="Those of a state: draft, published, cancelled.")
@json_option
def list_events(*, sitting: str | None, state: str | None, as_json: bool) -> None:
    """List linked events, as the last sync left them."""
    from sync.changes.listing import read_events

    with opened_for_reading() as database, database.driver_transaction() as connection:
        found = read_events(connection, sitting, state)
    if as_json:
        print_json(found)
    elif not found:
        answer("No linked events of that kind.")
    else:
        print_table(
            ("Event", "State", "Begins", "Sessions", "Sitting", "Web sale", "Drift"),
            [
                (
                    one.name,
                    one.state,
                    one.begins,
                    one.sessions,
                    one.sitting,
                    one.web_sale,
                    one.out_of_step or "",
                )
                for one in found
            ],
        )


@command(
    "publish",
    "admsync events publish --sitting 2026A --dry-run",
    "admsync events publish --workbook sitting.xlsx",
)
@_selection
@_carrying_out
def publish(**given: Any) -> None:
    """Publish events and their sessions in Administrate.

    Left out are those without an instructor or a price, those that have begun, and those of an
    import that is not finished.
    """
    _change(["publish"], given)


_ON_OFF = click.argument("value", metavar="on|off", type=click.Choice(["on", "off"]))


@command("web-sale", "admsync events web-sale on --run last")
@_ON_OFF
@_selection
@_carrying_out
def web_sale(value: str, **given: Any) -> None:
    """Put events on sale on the web, or take them off it."""
    _change(["web-sale", value], given)


@command("sold-out", "admsync events sold-out on ELO-CB1-30-26A")
@_ON_OFF
@_selection
@_carrying_out
def sold_out(value: str, **given: Any) -> None:
    """Mark events as sold out, or as not."""
    _change(["sold-out", value], given)


@command("cancel", "admsync events cancel ELO-CB1-30-26A")
@click.option(
    "--with-bookings", is_flag=True, help="Also events that are booked or that rows refer to."
)
@_selection
@_carrying_out
def cancel(**given: Any) -> None:
    """Cancel events and their sessions."""
    _change(["cancel"], given)


@command("policy", "admsync events policy")
@json_option
def policy(*, as_json: bool) -> None:
    """Show which system each field of an event is taken from.

    By the shape of the web application's tables: a change by the owner is taken over by the other
    side, or sent to it; any other is listed by admsync drift. What is not compared comes last, with
    the reason.
    """
    from sync.changes.listing import read_policy

    with opened_for_reading() as database, database.driver_transaction() as connection:
        fields = read_policy(connection)
    if as_json:
        print_json(fields)
        return
    print_table(
        ("Of", "Field", "Owner", "Column", "Sent"),
        [
            (one.of, one.title, one.owner, ", ".join(one.columns), "yes" if one.sent else "no")
            for one in fields
            if not one.not_compared
        ],
    )
    answer("")
    answer("Not compared, so that a change of it on either side is told nowhere:")
    for one in fields:
        if one.not_compared:
            column = f" ({', '.join(one.columns)})" if one.columns else ""
            answer(f"  {one.of}: {one.title}{column}: {one.not_compared}")


def _change(words: Sequence[str], given: dict[str, Any]) -> None:
    from sync.changes.chosen import read_linked_events
    from sync.changes.operations import planned
    from sync.changes.reading import read_as_they_are
    from sync.cli.changes import plan_and_carry_out
    from sync.connection import opened_administrate

    if not (given["names"] or given["sitting"] or given["run"] or given["workbook"]):
        raise click.UsageError("say which events: names, --sitting, --run or --workbook")
    with opened_ledger() as ledger, opened_administrate(ledger.database) as client:
        chosen = _chosen(ledger.database, given)
        found = read_linked_events(ledger.database, chosen)
        plan = planned(
            words,
            read_as_they_are(ledger.database, client, found),
            datetime.now(UTC),
            with_bookings=given.get("with_bookings", False),
        )
        options = {
            "events": list(given["names"]),
            "sitting": given["sitting"],
            "run_of": chosen.run_id,
            "workbook": given["workbook"].name if given["workbook"] else None,
        }
        code = plan_and_carry_out(
            ledger,
            client,
            words,
            options,
            plan,
            given["judging"],
            as_json=given["as_json"],
        )
    click.get_current_context().exit(code)


def _chosen(database: Database, given: dict[str, Any]) -> Chosen:
    from ledger.runs.states import find_run
    from sync.changes.chosen import Chosen

    run = find_run(database, given["run"]).run_id if given["run"] else None
    titles = _titles(given["workbook"]) if given["workbook"] else None
    return Chosen(given["sitting"], str(run) if run else None, tuple(given["names"]), titles)


def _titles(workbook: Path) -> tuple[str, ...]:
    """The titles of a workbook's events."""
    from importer.workbook.archive import read_file
    from importer.workbook.sheet import read_sheet

    rows = read_sheet(read_file(workbook)).rows
    return tuple(dict.fromkeys(row.text("title") for row in rows if row.text("title")))


for _command in (list_events, publish, web_sale, sold_out, cancel, policy):
    events.add_command(_command)
