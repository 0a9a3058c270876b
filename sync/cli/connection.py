"""Opens the Administrate client of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.database.connection import Database
    from sync.administrate.client import Administrate


@contextmanager
def opened_administrate(database: Database) -> Iterator[Administrate]:
    """The client: it logs its attempts, shares the call limit with the database's other processes,
    and stops its waits on request.

    Raises ``SettingsError`` where a setting is missing.
    """
    from ledger.runs.interrupts import pause
    from ledger.settings.environment import environment
    from sync.administrate.client import Administrate
    from sync.administrate.pace.reservations import CallReservations
    from sync.administrate.recorder import log_attempt
    from sync.administrate.settings import AdministrateSettings

    settings = AdministrateSettings.from_environment(environment())
    reservations = CallReservations(database)
    with Administrate(
        settings, recorder=log_attempt, reservations=reservations, sleep=pause
    ) as client:
        yield client
