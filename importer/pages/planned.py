"""The newest plans of workbooks: to make one, Administrate is asked, which takes seconds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock

from attrs import define, field, frozen

from importer.pages.grid import Grid
from importer.planning.prepare import PreparedImport

_MOST = 8


@frozen
class PlannedImport:
    """A plan with what its page shows, and the moment and the ledger's position it was made at."""

    prepared: PreparedImport
    grid: Grid
    told: Mapping[str, object]
    planned_at: datetime
    position: int


@define
class PlannedImports:
    """A few plans, by the workbook's digest; each stays until it is made again or forgotten."""

    _kept: OrderedDict[str, PlannedImport] = field(factory=OrderedDict)
    _guard: Lock = field(factory=Lock)

    def of(self, digest: str, make: Callable[[], PlannedImport]) -> PlannedImport:
        """The plan that is kept, or else a new one."""
        with self._guard:
            found = self._kept.get(digest)
        if found is None:
            found = make()
            with self._guard:
                self._kept[digest] = found
                self._kept.move_to_end(digest)
                while len(self._kept) > _MOST:
                    self._kept.popitem(last=False)
        return found

    def forget(self, digest: str) -> None:
        """Has the plan be made again when it is asked for."""
        with self._guard:
            self._kept.pop(digest, None)
