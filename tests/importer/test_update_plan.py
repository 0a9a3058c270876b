"""What becomes of a changed cell, from values alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from importer.planning.update import EventUpdate, Outcome, plan_update
from importer.validation.changes import CellChange
from importer.validation.verdicts import Skipped, SkipReason
from ledger.events.agreement import Pair
from ledger.schema import adm
from ledger.tables.shapes.observed import AS_MADE
from ledger.zones import zone_or_default
from sync.changes.plan import LinkedEvent, LinkedSession
from sync.events.base import Base
from sync.events.fields import FIELDS, held_fields
from sync.events.kinds import Translation
from tests.importer.rows import an_event
from tests.importer.verdicts import accepted

COLUMNS = {table: {one.field.name: one for one in held_fields(table, AS_MADE)} for table in FIELDS}
AGREED = Pair(administrate="L-old", tutorial=1)


def updated(folder: Path, header: str, **session: Any) -> EventUpdate:
    """The update of an event of one session whose first row says another location by now, where
    both sides hold the old one, but for what is said of the session."""
    planned = accepted(folder, an_event())
    place: dict[str, Any] = {"values": {"location": "L-old"}, "held": {"location": 1}}
    first = LinkedSession(
        key="S1",
        row_id=1,
        tutorial="acted.tutorial_sessions/1",
        title="Day 1",
        day=1,
        state="draft",
        taught=True,
        **{**place, **session},
    )
    event = LinkedEvent(
        key="E1",
        row_id=1,
        tutorial="acted.tutorial_events/1",
        name=planned.title,
        timezone=planned.zone,
        state="draft",
        sessions=(first,),
        **place,
    )
    change = CellChange("Import", "E2", header, "Leeds", "London", planned.row)
    rows, why = planned.rows, SkipReason.DUPLICATE
    skipped = Skipped(rows, planned.title, "", why, changes=(change,), event=planned)
    base = Base(pairs={"location": AGREED})
    new = planned.location.external_id
    by = Translation(zone_or_default(planned.zone), {adm.LOCATIONS.fullname: {new: 2}})
    return plan_update(
        skipped, event, {"adm.events/E1": base, "adm.sessions/S1": base}, COLUMNS, by
    )


def test_a_cell_of_two_records_is_set_on_both(tmp_path: Path) -> None:
    found = updated(tmp_path, "Location")
    assert [cell.outcome for cell in found.cells] == [Outcome.CARRY_OUT]
    assert found.change is not None
    assert [one.record for one in found.change.records] == ["adm.events/E1", "adm.sessions/S1"]


@pytest.mark.parametrize("moved", [{"values": {"location": "L-moved"}}, {"held": {"location": 3}}])
def test_a_cell_of_two_records_of_which_one_has_moved_on_is_set_on_neither(
    tmp_path: Path, moved: dict[str, Any]
) -> None:
    found = updated(tmp_path, "Location", **moved)
    assert [cell.outcome for cell in found.cells] == [Outcome.CONFLICT]
    assert found.change is None


def test_a_cell_that_one_of_two_records_holds_already_is_set_on_the_other(tmp_path: Path) -> None:
    new = accepted(tmp_path, an_event()).location.external_id
    there = {"values": {"location": new}, "held": {"location": 2}}
    found = updated(tmp_path, "Location", **there)
    assert found.change is not None
    assert [one.record for one in found.change.records] == ["adm.events/E1"]


def test_what_no_update_sets_is_told(tmp_path: Path) -> None:
    found = updated(tmp_path, "Instructor")
    assert [cell.outcome for cell in found.cells] == [Outcome.NO_PLACE]
    assert found.change is None
