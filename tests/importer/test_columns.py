"""A column's value goes to every place that its declaration names, and each of these exists."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import fields_dict

from importer.dual_write.administrate_requests import create_event
from importer.dual_write.tutorial_events import rows_made
from importer.planning.event_in_progress import EventInProgress, EventKeys, SessionKeys
from importer.reference.values import CustomField
from importer.validation.planned_event import PlannedEvent, PlannedSession
from importer.workbook.column import Column
from importer.workbook.template import DETAILS, EVENT_VALUES, SESSION_VALUES
from ledger.events import RecordObserved, TutorialEventCreated
from ledger.schema import adm
from ledger.values import Personal
from sync.administrate.writes.inputs import NewLmsEvent, NewSession
from tests.importer.references import CUSTOM_FIELDS, a_reference
from tests.importer.rows import an_event
from tests.importer.verdicts import accepted


def keyed(column: Column) -> str:
    return column.key


@pytest.mark.parametrize("column", [*EVENT_VALUES, *SESSION_VALUES], ids=keyed)
def test_the_places_of_a_plain_column_exist(column: Column) -> None:
    if column.to.of_session:
        planned, table, given = fields_dict(PlannedSession), adm.SESSIONS, fields_dict(NewSession)
    else:
        planned, table, given = fields_dict(PlannedEvent), adm.EVENTS, fields_dict(NewLmsEvent)
    assert column.to.planned in planned
    assert not column.to.bridge or column.to.bridge in table.by_name
    assert not column.to.administrate or column.to.administrate in given


def test_no_place_gets_the_values_of_two_columns() -> None:
    for columns in (EVENT_VALUES, SESSION_VALUES, DETAILS):
        for place in ("planned", "tutorial", "bridge", "administrate", "custom_field"):
            names = [name for one in columns if (name := getattr(one.to, place))]
            assert len(names) == len(set(names)), place


def test_a_plain_column_reaches_both_our_tables_and_administrate(tmp_path: Path) -> None:
    event = accepted(
        tmp_path, an_event(max_places=7, min_places=3, event_url="https://a.example/b")
    )
    keys = EventKeys(1, 2, (SessionKeys(3, 4, (5,)),))
    made = list(rows_made(EventInProgress(event, keys, 1)))
    tutorial = next(one.fields for one in made if isinstance(one, TutorialEventCreated))
    bridge = next(one.fields for one in made if isinstance(one, RecordObserved))
    for fields in (tutorial, bridge):
        assert (fields["max_places"], fields["min_places"]) == (7, 3)
        assert fields["event_url"] == "https://a.example/b"
    sent = create_event(event).variables["input"]
    assert (sent["maxPlaces"], sent["minPlaces"]) == (7, 3)


@pytest.mark.parametrize("column", [one for one in DETAILS if one.to.custom_field], ids=keyed)
def test_an_optional_text_goes_to_its_tutorial_column_and_its_custom_field(
    tmp_path: Path, column: Column
) -> None:
    own = CustomField("key-own", column.to.custom_field, "Event")
    reference = a_reference(custom_fields=(*CUSTOM_FIELDS, own))
    event = accepted(tmp_path, an_event(**{column.key: "yes"}), reference=reference)
    assert event.custom_fields["key-own"] == "yes"
    text = True if column.key == "recordings" else "yes"
    stored = {column.to.tutorial: Personal("yes") if column.personal else text}
    assert event.details == (stored if column.to.tutorial else {})
