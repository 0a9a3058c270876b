"""Standard output and error while a run is under way: what cannot be said is lost, not the run."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TextIO

import click


def replace_unknown_letters() -> None:
    """Has standard output show what its encoding lacks as question marks, instead of failing."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def tell(line: str, *, nl: bool = True, err: bool = False) -> None:
    """Says a line of how things go, or nothing from here on where it cannot be written: its reader
    has gone, the disk beneath it is full."""
    try:
        click.echo(line, nl=nl, err=err)
    except OSError:
        silence(sys.stderr if err else sys.stdout)


def silence(stream: TextIO) -> None:
    """Sends what a stream still holds, and all that is yet to come, nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
