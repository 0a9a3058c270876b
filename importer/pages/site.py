"""What all pages of a server share."""

from __future__ import annotations

from attrs import field, frozen

from importer.pages.access import Access
from importer.pages.planned import PlannedImports
from ledger.database.connection import Database
from ledger.settings.environment import Environment


@frozen
class Site:
    """A server's database and settings, who may come in, and what is the same on each page.

    ``actor`` is in whose name the operator with the token acts.
    """

    database: Database
    environ: Environment
    actor: str
    access: Access
    plans: PlannedImports = field(factory=PlannedImports, repr=False)
