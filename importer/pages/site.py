"""What all pages of a server share."""

from __future__ import annotations

from attrs import field, frozen

from importer.pages.access import Access
from importer.pages.planned import PlannedImport
from importer.pages.recent import Recent
from ledger.database.connection import Database
from ledger.errors import DatabaseUnavailable
from ledger.migrations.privileges import read_only
from ledger.settings.environment import Environment
from sync.discrepancies.discrepancy import Discrepancy

# Seconds that a plan, for which Administrate was asked, is shown again.
PLANNED_FOR = 900.0
# The same of listed discrepancies, while the ledger is as it was.
LISTED_FOR = 30.0
# The same of whether the database can be written to.
LOOKED_FOR = 5.0


@frozen
class Site:
    """A server's database and settings, who may come in, and what is the same on each page.

    ``actor`` is in whose name the operator with the token acts.
    """

    database: Database
    environ: Environment
    actor: str
    access: Access
    plans: Recent[PlannedImport] = field(factory=lambda: Recent(PLANNED_FOR), repr=False)
    listed: Recent[list[Discrepancy]] = field(factory=lambda: Recent(LISTED_FOR), repr=False)
    _why: Recent[str] = field(factory=lambda: Recent(LOOKED_FOR), repr=False)

    def why_only_read(self) -> str:
        """Why nothing can be written here, and what to do; empty where it can be, and where the
        database cannot be asked. A standby may become the primary while the server runs."""
        if self.access.read_only:
            return "it was started with --read-only"
        return self._why.of("why", self._ask_why)

    def _ask_why(self) -> str:
        try:
            with self.database.driver_transaction() as connection:
                return read_only(connection) or ""
        except DatabaseUnavailable:
            return ""
