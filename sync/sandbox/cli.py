"""``admsync sandbox``: a local Administrate in the foreground."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sync.sandbox.serving import Settings

READY = "# Ready; Ctrl-C stops it."


def _announce(settings: Settings) -> None:
    for name, value in settings.values.items():
        click.echo(f"export {name}={value}")
    click.echo(READY)


def _default_state() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415 - only where it is not given

    return user_data_path("admsync") / "sandbox"


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), help="Where its records are kept."
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
def sandbox(
    port: int,
    state: Path | None,
    sizes: tuple[str, ...],
    seed: int,
    latency: float | None,
    faults: tuple[str, ...],
) -> None:
    """Run a local Administrate, with faults on demand.

    It is there to develop and test against.
    """
    # What serves it is heavy, and --help must not wait for it.
    from sync.sandbox.faults import Fault  # noqa: PLC0415 - see above
    from sync.sandbox.generate import Size  # noqa: PLC0415 - see above
    from sync.sandbox.serving import serve  # noqa: PLC0415 - see above

    asked = [Fault.parse(text, seed) for text in faults]
    if latency:
        asked.append(Fault("latency", value=str(latency / 1000)))
    serve(
        state or _default_state(),
        port,
        Size.parse(sizes, seed),
        asked or None,
        _announce,
    )
