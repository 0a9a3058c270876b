"""A workbook's plan with what its page shows: to make one, Administrate is asked, for seconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from importer.pages.grid import Grid
from importer.planning.prepare import PreparedImport


@frozen
class PlannedImport:
    """A plan, its grid and what is told of it, and the moment and the ledger's position it was made
    at."""

    prepared: PreparedImport
    grid: Grid
    told: Mapping[str, object]
    planned_at: datetime
    position: int
