"""What all pages of a server share."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from importer.pages.access import Access
from ledger.database.connection import Database


@frozen
class Site:
    """A server's database and settings, who may come in, and what is the same on each page.

    ``actor`` is in whose name the operator with the token acts.
    """

    database: Database
    environ: Mapping[str, str]
    actor: str
    access: Access
