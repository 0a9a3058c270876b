"""``admsync sandbox``: a local Administrate in the foreground."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ledger.cli.command import command
from ledger.cli.running import run_program
from ledger.output.lines import answer, report, report_verbatim

READY = "# Ready; Ctrl-C stops it."


def _announce(settings: dict[str, str]) -> None:
    for name, value in settings.items():
        report_verbatim(f"export {name}={value}")
    report(READY)


@command(
    "sandbox",
    "admsync sandbox",
    "admsync sandbox --size venues=10000 --latency 50",
    "admsync sandbox --fault 500-after:location.create:1",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
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
    help="Adds N venues, locations or instructors to a new state.",
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
@click.option("--list-faults", is_flag=True, help="Say what kinds of fault there are, and end.")
def sandbox(
    *,
    port: int,
    state: Path | None,
    sizes: tuple[str, ...],
    seed: int,
    latency: float | None,
    faults: tuple[str, ...],
    list_faults: bool,
) -> None:
    """Run a local Administrate, with faults on demand.

    It is there to develop and test against: it listens on this machine only, and prints the
    settings for it as a shell reads them. Its records, and faults that were set, stay from one
    start to the next.

    A fault strikes the calls of OPERATION: an operation by its name (Venues), a mutation by its
    path (event.createBlended), a root field (venues), oauth.token, or * for any. WHEN is 2, 2-4,
    2-, 20% or, left out, every call.
    """
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
    state = state or data_directory(os.environ) / "sandbox"
    serve(state, port, Size.parse(sizes, seed), given_faults or None, _announce)


if __name__ == "__main__":
    run_program(sandbox)
