"""``demo``: everything at once, with nothing but what comes with the program."""

from __future__ import annotations

import os

import click

from ledger.cli.command import command
from ledger.cli.log import begin_log


@command("demo", "admsync demo", "admsync demo --keep")
@click.option("--keep", is_flag=True, help="Leave both systems running until Ctrl-C, to try more.")
def demo(*, keep: bool) -> None:
    """Show the whole thing on a fresh machine.

    Starts a PostgreSQL and a local Administrate of the program's own, fills both with a fictional
    company, links them, imports a workbook, lets people edit events on both sides, and says where
    to look next. It begins anew each time, in a place of its own: neither your database nor your
    Administrate is touched.
    """
    from importer.demo import play
    from ledger.database.settings import LINGER, data_directory, linger_seconds

    begin_log(os.environ)
    linger = linger_seconds(os.environ.get(LINGER.name, ""))
    play(data_directory(os.environ) / "demo", linger, keep=keep)
