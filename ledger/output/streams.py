"""Standard output and error during a run: a failed write loses the output, not the run."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TextIO

import click


def replace_unknown_letters() -> None:
    """Prints characters outside the encoding of standard output as question marks, instead of
    failing."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def tell(line: str, *, nl: bool = True, err: bool = False) -> None:
    """Prints a line of progress, or nothing from here on where it cannot be written: its reader has
    gone, the disk is full."""
    try:
        click.echo(line, nl=nl, err=err)
    except OSError:
        silence(sys.stderr if err else sys.stdout)


def silence(stream: TextIO) -> None:
    """Discards a stream's buffer and all later output."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
