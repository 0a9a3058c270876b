"""A process of its own that calls Administrate so many times as fast as it may: ``python -m`` this.

Where it would have to wait for a call it says so in a line, and waits for one on standard input.
"""

from __future__ import annotations

import os
import sys

import click

from ledger.database.connection import open_database
from ledger.database.settings import DatabaseSettings
from sync.administrate.client import Administrate
from sync.administrate.pace.reservations import CallReservations
from sync.administrate.reads.lookups import viewer
from sync.administrate.settings import AdministrateSettings


def wait_to_be_told(_seconds: float) -> None:
    click.echo("full")
    sys.stdin.readline()


if __name__ == "__main__":
    calls, most = map(int, sys.argv[1:])
    database = open_database(DatabaseSettings.from_environment(os.environ))
    with Administrate(
        AdministrateSettings.from_environment(os.environ),
        reservations=CallReservations(database, most),
        sleep=wait_to_be_told,
    ) as client:
        for _ in range(calls):
            viewer(client)
            click.echo("called")
    database.close()
