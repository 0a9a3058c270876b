"""``admsync sandbox``: a local Administrate in the foreground, and edits of events in it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.command import command, group, opened_database
from ledger.cli.running import run_program
from ledger.output.lines import answer, report, report_verbatim

if TYPE_CHECKING:
    from sync.sandbox.company.generate import Size

READY = "# Ready; Ctrl-C stops it."
PORT = 8765
TIME = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])


def _announce(settings: dict[str, str]) -> None:
    for name, value in settings.items():
        report_verbatim(f"export {name}={value}")
    report(READY)


@group(
    "sandbox",
    "admsync sandbox",
    "admsync sandbox --with-tutorials",
    "admsync sandbox --size venues=10000 --latency 50",
    "admsync sandbox --fault 500-after:location.create:1",
    invoke_without_command=True,
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="The directory its records are kept in; by default one beside the program's own data.",
)
@click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="WHAT=N",
    help="Adds N venues, locations, instructors, events or past-events to a new state.",
)
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="For what is generated and for faults by chance.",
)
@click.option(
    "--latency", type=click.FloatRange(0), metavar="MS", help="Milliseconds before each answer."
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND:OPERATION:WHEN",
    help="A fault, such as 500-after:event.createBlended:2; may be repeated.",
)
@click.option(
    "--with-tutorials",
    is_flag=True,
    help="Fill the tutorial tables of the settings' database, if they are empty.",
)
@click.option("--list-faults", is_flag=True, help="Say what kinds of fault there are, and end.")
@click.pass_context
def sandbox(
    ctx: click.Context,
    *,
    port: int,
    state: Path | None,
    sizes: tuple[str, ...],
    seed: int,
    latency: float | None,
    faults: tuple[str, ...],
    with_tutorials: bool,
    list_faults: bool,
) -> None:
    """Run a local Administrate, with faults on demand.

    It is there to develop and test against: it listens on this machine only, and prints the
    settings for it as a shell reads them. Its records, and faults that were set, stay from one
    start to the next.

    A fault strikes the calls of OPERATION: an operation by its name (Venues), a mutation by its
    path (event.createBlended), a root field (venues), oauth.token, or * for any. WHEN is 2, 2-4,
    2-, 20% or, left out, every call.

    With edit, an event of a sandbox that runs is edited as a person does it in Administrate.
    """
    if ctx.invoked_subcommand is not None:
        # The port may stand before the command as well as after it.
        ctx.default_map = {ctx.invoked_subcommand: {"port": port}}
        return
    from sync.sandbox.faults.fault import Fault
    from sync.sandbox.faults.kinds import KINDS

    if list_faults:
        for name, kind in KINDS.items():
            answer(f"{name:20}{kind.description}", hang=20)
        return
    from ledger.database.settings import data_directory
    from sync.sandbox.company.generate import Size
    from sync.sandbox.server.listen import serve

    given_faults = [Fault.parse(text, seed) for text in faults]
    if latency:
        given_faults.append(Fault("latency", value=str(latency / 1000)))
    if with_tutorials:
        _fill_tutorial_tables(Size.parse(sizes, seed))
    state = state or data_directory(os.environ) / "sandbox"
    serve(state, port, Size.parse(sizes, seed), given_faults or None, _announce)


def _fill_tutorial_tables(size: Size) -> None:
    from sync.demo import fill_tutorial_tables

    with opened_database() as database:
        filled = fill_tutorial_tables(database, size)
    told = "filled with the company's" if filled else "left as they are: they hold rows"
    report(f"# The tutorial tables were {told}.")


@command(
    "edit",
    "admsync sandbox edit ELO-CB1-01-25S --state published --book 3",
    "admsync sandbox edit ELO-CB1-01-25S --session 2 --start 2026-04-01T18:00",
    'admsync sandbox edit EF-CM1-01-25S --move 7 --venue "Live online" --sold-out on',
    "admsync sandbox edit EF-CM1-01-25S --session 1 --delete",
)
@click.argument("event", metavar="EVENT")
@click.option("--session", type=click.IntRange(1), metavar="N", help="Its session N, by start.")
@click.option("--state", type=click.Choice(["draft", "published", "cancelled"]), help="Its state.")
@click.option("--title", metavar="TEXT", help="Another title.")
@click.option("--start", type=TIME, metavar="TIME", help="Its start, such as 2026-04-01T18:00.")
@click.option("--end", type=TIME, metavar="TIME", help="Its end.")
@click.option("--move", type=int, default=0, metavar="DAYS", help="Move it by so many days.")
@click.option("--venue", metavar="NAME", help="Another venue, of all its sessions or of one.")
@click.option("--instructor", metavar="NAME", help="Another instructor, likewise.")
@click.option("--book", type=int, default=0, metavar="N", help="Book N places more; -N: fewer.")
@click.option("--sold-out", type=click.Choice(["on", "off"]), help="Sold out, or not.")
@click.option("--delete", is_flag=True, help="Delete it; Administrate deletes drafts alone.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=PORT,
    show_default=True,
    help="Where the sandbox runs.",
)
def edit(
    event: str,
    *,
    port: int,
    start: datetime | None,
    end: datetime | None,
    sold_out: str | None,
    **given: Any,
) -> None:
    """Edit an event of a running sandbox.

    As a person does it in Administrate, and refused where the API refuses it. EVENT is a title, a
    code, an id, or a part of a title that no other has. Of an event, start and end are those of its
    LMS access; of a session, of its class. An event that is published does not publish its
    sessions; with --move it takes them along.
    """
    from ledger.output.words import shown
    from sync.sandbox.control.client import ControlClient

    wanted = {
        "start": start and start.isoformat(),
        "end": end and end.isoformat(),
        "sold_out": None if sold_out is None else sold_out == "on",
        **given,
    }
    # Not sold out is something to say, another 0 is not.
    said = {
        name for name, value in wanted.items() if value or (value is False and name == "sold_out")
    }
    if said <= {"session"}:
        raise click.UsageError("say what to edit: --state, --title, --start, --move, --book …")
    if "delete" in said and not said <= {"delete", "session"}:
        raise click.UsageError("what is deleted is not edited besides: leave out the other options")
    chosen = {name: wanted[name] for name in said}
    done = ControlClient(f"http://127.0.0.1:{port}").edit_event(event, **chosen)
    answer(f"{done.event} ({done.id}):")
    for one in done.changes:
        answer(f"  {one.of}: {one.what} {shown(one.before)} → {shown(one.after)}")
    if not done.changes:
        answer("  nothing to change, it is so already")


sandbox.add_command(edit)

if __name__ == "__main__":
    run_program(sandbox)
