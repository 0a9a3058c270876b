"""Opens the Administrate client of the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ledger.database.connection import Database
from ledger.runs.interrupts import pause
from ledger.settings.environment import environment
from sync.administrate.client import Administrate
from sync.administrate.pace.reservations import CallReservations
from sync.administrate.recorder import log_attempt
from sync.administrate.settings import AdministrateSettings


@contextmanager
def opened_administrate(
    database: Database, environ: Mapping[str, str] | None = None
) -> Iterator[Administrate]:
    """The client of these settings, or else of the process's: it logs its attempts, shares the call
    limit with the database's other processes, and stops its waits on request.

    Raises ``SettingsError`` where a setting is missing.
    """
    settings = AdministrateSettings.from_environment(environ or environment())
    reservations = CallReservations(database)
    with Administrate(
        settings, recorder=log_attempt, reservations=reservations, sleep=pause
    ) as client:
        yield client
