"""A sitting's workbook for tests: by default some of its events, spread over all.

With ADMSYNC_WHOLE_SITTING=1, all of them; where the shared workbook is not there, one made alike.
"""

from __future__ import annotations

import os
from pathlib import Path

from importer.workbook.cells import Value
from importer.workbook.grouping import Group, groups
from tests.importer.company import a_workbook, an_own_event, an_own_session
from tests.importer.rows import TypedRow
from tests.importer.sitting import EVENTS
from tests.importer.workbooks import SHARED, read_workbook, write_grid

WHOLE = bool(os.environ.get("ADMSYNC_WHOLE_SITTING"))
SESSIONS = 1_288
"""How many sessions the shared workbook has, those in its events' rows among them."""


def sitting_workbook(folder: Path, events: int) -> Path:
    """So many of a sitting's events, or the whole sitting."""
    if SHARED.exists():
        return SHARED if WHOLE else thinned(SHARED, folder / "thinned.xlsx", events)
    rows: list[TypedRow] = []
    for number in range(EVENTS if WHOLE else events):
        title = f"S{number}"
        rows += [an_own_event(title), *(an_own_session(title, day) for day in (2, 3))]
    return a_workbook(folder, *rows)


def thinned(workbook: Path, path: Path, events: int) -> Path:
    """The header and the rows of so many events of a workbook, as one of its own."""
    sheet = read_workbook(workbook)
    found = [one for one in groups(sheet.rows) if isinstance(one, Group)]
    chosen = found[:: len(found) // events][:events]
    rows = [row for one in chosen for row in one.rows]
    grid: list[list[Value]] = [list(sheet.header.cells), *(list(row.cells) for row in rows)]
    return write_grid(path, grid)
