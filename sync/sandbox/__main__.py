"""Runs a sandbox: ``python -m sync.sandbox --state DIR``."""

from __future__ import annotations

import sys

import click

from ledger.errors import AdmsyncError
from sync.sandbox.cli import sandbox

if __name__ == "__main__":
    try:
        sandbox()
    except AdmsyncError as error:
        click.echo(error, err=True)
        sys.exit(error.exit_code)
