"""A record is found by whatever a person would type for it, and never guessed."""

from __future__ import annotations

import pytest

from ledger.database.connection import driver
from ledger.erasure.erase import erase as forget
from ledger.errors import UsageRefused
from ledger.events import (
    BridgeRowEdited,
    BridgeRowMerged,
    EventPlanned,
    FieldChange,
    RecordIdentified,
    TutorialRecordRemoved,
)
from ledger.history.display_names import Called
from ledger.history.find_record import find_record, names_of
from ledger.history.search import Found
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.ledger.record_events import (
    append_events,
    changed,
    linked,
    named,
    observed,
    tutorial_instructor,
    tutorial_venue,
    vanished,
)

WATERLOO = "adm.venues/VmVudWU6Nw=="


@pytest.fixture
def tutorial(ledger: Ledger) -> str:
    """The tutorial side of a venue that both sides know, linked; its bridge row has key 17."""
    tutorial = tutorial_venue(ledger.database, "BPP Waterloo")
    append_events(
        ledger,
        observed("adm.venues", "VmVudWU6Nw==", 17, name="BPP Waterloo"),
        linked("adm.venues", "VmVudWU6Nw==", 17, tutorial),
    )
    return tutorial


def found(ledger: Ledger, typed: str) -> Found:
    with ledger.database.transaction() as connection:
        return find_record(driver(connection), typed)


@pytest.mark.parametrize(
    "typed",
    [
        WATERLOO,
        "adm.venues/17",
        "VmVudWU6Nw==",
        "BPP Waterloo",
        "bpp WATERLOO",
        "  BPP Waterloo ",
    ],
)
def test_a_linked_venue_is_found_as_its_bridge_row(
    ledger: Ledger, tutorial: str, typed: str
) -> None:
    assert tutorial
    assert found(ledger, typed) == Found(WATERLOO, "BPP Waterloo")


def test_the_tutorial_side_is_found_by_its_own_table_and_key(ledger: Ledger, tutorial: str) -> None:
    assert found(ledger, tutorial) == Found(tutorial, "BPP Waterloo")


def test_a_tutorial_record_that_nothing_was_ever_said_of_is_found_by_name(ledger: Ledger) -> None:
    tutorial = tutorial_venue(ledger.database, "Conference Room A ")
    assert found(ledger, "conference room a").record == tutorial


def test_a_person_is_found_by_both_names_from_either_side(ledger: Ledger) -> None:
    tutorial = tutorial_instructor(ledger.database, "Ann", "Other")
    assert found(ledger, "ann other").record == tutorial
    append_events(
        ledger,
        observed("adm.instructors", "C1", 1, **named("Anne", "Other")),
        linked("adm.instructors", "C1", 1, tutorial),
    )
    assert found(ledger, "ANNE OTHER").record == "adm.instructors/C1"
    assert found(ledger, "Ann Other").record == tutorial


def test_a_renamed_venue_is_found_by_its_former_name(ledger: Ledger, tutorial: str) -> None:
    assert tutorial
    append_events(
        ledger, changed("adm.venues", "VmVudWU6Nw==", 17, name=("BPP Waterloo", "BPP South Bank"))
    )
    append_events(
        ledger, changed("adm.venues", "VmVudWU6Nw==", 17, name=("BPP South Bank", "BPP Thames"))
    )
    assert found(ledger, "bpp south bank") == Found(WATERLOO, "BPP Thames")


def test_a_renamed_person_is_found_by_every_name_they_had(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.instructors", "C1", 1, **named("Mary Ann", "Evans")))
    append_events(ledger, observed("adm.instructors", "C2", 2, **named("Ann", "Cross")))
    before, after = named("Mary Ann", "Evans"), named("George", "Eliot")
    last = (before["last_name"], after["last_name"])
    append_events(ledger, changed("adm.instructors", "C1", 1, last_name=last))
    first = (before["first_name"], after["first_name"])
    append_events(ledger, changed("adm.instructors", "C1", 1, first_name=first))
    for typed in ("mary ann evans", "Mary Ann Eliot", "George Eliot"):
        assert found(ledger, typed).record == "adm.instructors/C1"
    with pytest.raises(UsageRefused, match="no record 'Ann Evans'"):
        found(ledger, "Ann Evans")


def test_a_vanished_venue_is_found_by_its_name_its_id_and_its_primary_key(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.venues", "V9", 9, name="The Old Rectory"))
    append_events(ledger, vanished("adm.venues", "V9", 9, name="The Old Rectory"))
    for typed in ("the old rectory", "adm.venues/V9", "adm.venues/9"):
        assert found(ledger, typed).record == "adm.venues/V9"


def test_a_row_taken_back_is_found_by_every_name_and_id_it_had(ledger: Ledger) -> None:
    key, tutorial = "RXZlbnQ6MQ==", "acted.tutorial_events/5"
    append_events(
        ledger,
        EventPlanned(tutorial_id=5, plan={"code": "CB1-26X"}, keys={}, people=()),
        observed("adm.events", "id=8", 8, title="CB1-26A"),
        RecordIdentified(
            table="adm.events", key=key, row_id=8, former="id=8", fields={"external_id": key}
        ),
    )
    ways = ("CB1-26A", key, "adm.events/8", "adm.events/id=8", f"adm.events/{key}")
    for typed in ways:
        assert found(ledger, typed) == Found(f"adm.events/{key}", "CB1-26A")
    append_events(
        ledger,
        vanished("adm.events", key, 8, title="CB1-26A"),
        TutorialRecordRemoved(table="acted.tutorial_events", row_id=5, fields={"code": "CB1-26Y"}),
    )
    for typed in ways:
        assert found(ledger, typed) == Found(f"adm.events/{key}", "CB1-26A"), typed
    for typed in ("cb1-26x", "CB1-26Y", tutorial):
        assert found(ledger, typed) == Found(tutorial, "CB1-26Y")


def test_a_row_whose_id_another_writer_changed_is_found_by_both_ids(ledger: Ledger) -> None:
    append_events(
        ledger,
        observed("adm.venues", "V1", 1, name="Waterloo"),
        BridgeRowEdited(
            table="adm.venues",
            key="V1",
            row_id=1,
            changes={"external_id": FieldChange(before="V1", after="V2")},
            known_as="V2",
        ),
    )
    append_events(ledger, changed("adm.venues", "V2", 1, name=("Waterloo", "Thames")))
    for typed in ("V1", "V2", "adm.venues/V1", "adm.venues/1", "waterloo"):
        assert found(ledger, typed) == Found("adm.venues/V2", "Thames"), typed
    with ledger.database.transaction() as connection:
        for name in ("adm.venues/V1", "adm.venues/V2"):
            names = names_of(driver(connection), name)
            assert names == ["adm.venues/V2", "adm.venues/V1"]


def test_an_id_of_a_custom_field_that_is_gone_is_found(ledger: Ledger) -> None:
    key = "Event:Q3VzdG9t"
    append_events(ledger, observed("adm.custom_fields", key, 4, entity_type="Event", label="S"))
    append_events(ledger, vanished("adm.custom_fields", key, 4, label="S"))
    assert found(ledger, "Q3VzdG9t") == Found(f"adm.custom_fields/{key}", "S")


def test_a_merged_row_is_found_by_its_own_primary_key(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.venues", "V1", 1, name="Waterloo"))
    append_events(
        ledger, BridgeRowMerged(table="adm.venues", key="V1", row_id=1, merged=9, fields={})
    )
    assert found(ledger, "adm.venues/9") == Found("adm.venues/V1", "Waterloo")


def test_an_erased_person_is_found_by_every_id_and_by_no_name(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.instructors", "C1", 7, **named("Ann", "Other")))
    append_events(ledger, vanished("adm.instructors", "C1", 7, **named("Ann", "Other")))
    assert found(ledger, "ann other") == Found("adm.instructors/C1", "Ann Other")
    with new_run(ledger, "erase") as run:
        forget(run, "adm.instructors/C1", "asked to")
    for typed in ("C1", "adm.instructors/C1", "adm.instructors/7", "adm.instructors/id=7"):
        assert found(ledger, typed) == Found("adm.instructors/C1", "C1")
    with pytest.raises(UsageRefused, match="no record"):
        found(ledger, "ann other")


def test_names_beside_ids_are_those_of_then(ledger: Ledger) -> None:
    [seen] = append_events(ledger, observed("adm.venues", "V1", 3, name="Waterloo"))
    [renamed] = append_events(
        ledger, changed("adm.venues", "V1", 3, name=("Waterloo", "South Bank"))
    )
    with ledger.database.transaction() as connection:
        called = Called(driver(connection), at=seen)
        for record in ("adm.venues/V1", "adm.venues/3", "adm.venues/id=3"):
            called.at = seen
            assert called(record) == f"{record} (Waterloo)"
            called.at = renamed
            assert called(record) == f"{record} (South Bank)"
    append_events(ledger, vanished("adm.venues", "V1", 3, name="South Bank"))
    with ledger.database.transaction() as connection:
        reader = driver(connection)
        assert Called(reader)("adm.venues/V1") == "adm.venues/V1 (South Bank)"
        assert Called(reader)("adm.venues/3") == "adm.venues/3 (South Bank)"
        assert Called(reader, at=seen)("adm.venues/3") == "adm.venues/3 (Waterloo)"
        assert Called(reader, at=1)("adm.venues/V9") == "adm.venues/V9"


def test_what_is_said_of_a_record_is_not_what_it_goes_by(ledger: Ledger) -> None:
    append_events(ledger, observed("adm.venues", "V9", 9, name="Annex", description="Rectory"))
    append_events(ledger, vanished("adm.venues", "V9", 9, name="Annex", description="Rectory"))
    for typed in ("Rectory", "name", "fields", "%"):
        with pytest.raises(UsageRefused, match="no record"):
            found(ledger, typed)


def test_a_custom_field_goes_by_its_entity_type_and_key(ledger: Ledger) -> None:
    key = "Event:Q3VzdG9t"
    sitting = {"external_id": "Q3VzdG9t", "entity_type": "Event", "label": "Sitting"}
    append_events(ledger, observed("adm.custom_fields", key, 4, **sitting))
    for typed in ("sitting", "Q3VzdG9t", "adm.custom_fields/4", f"adm.custom_fields/{key}"):
        assert found(ledger, typed) == Found(f"adm.custom_fields/{key}", "Sitting")


def test_several_records_of_a_name_are_listed_to_choose_from(ledger: Ledger) -> None:
    room = tutorial_venue(ledger.database, "Room 1")
    append_events(ledger, observed("adm.venues", "V1", 1, name="Room 1"))
    append_events(ledger, observed("adm.locations", "L1", 1, name="ROOM 1"))
    with pytest.raises(UsageRefused) as refused:
        found(ledger, "room 1")
    message = str(refused.value)
    assert "means 3 records" in message
    for candidate in (f"{room} (Room 1)", "adm.venues/V1 (Room 1)", "adm.locations/L1 (ROOM 1)"):
        assert candidate in message


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "Nowhere",
        "adm.venues/18",
        "acted.tutorial_venues/99999999999999999999999",
        "ledger.runs/1",
        "run/last",
        "BPP\udcc3",
        "adm.venues/\udcc3",
    ],
)
def test_what_means_nothing_is_refused_with_what_could_be_typed(ledger: Ledger, typed: str) -> None:
    with pytest.raises(UsageRefused, match="type a name, an Administrate id, or TABLE/KEY"):
        found(ledger, typed)


def test_a_part_of_a_name_finds_a_record_where_it_may(ledger: Ledger, tutorial: str) -> None:
    assert tutorial
    with ledger.database.driver_transaction() as reader:
        assert find_record(reader, "water", in_part=True) == Found(WATERLOO, "BPP Waterloo")
    with pytest.raises(UsageRefused, match=r"no record 'water'; did you mean 'BPP Waterloo'[?]$"):
        found(ledger, "water")


def test_a_part_of_several_names_is_told_with_them(ledger: Ledger, tutorial: str) -> None:
    other = tutorial_venue(ledger.database, "Waterloo Annexe")
    with ledger.database.driver_transaction() as reader:
        with pytest.raises(UsageRefused, match="means 2 records; say which: ") as refused:
            find_record(reader, "waterloo", in_part=True)
        assert {WATERLOO, other, tutorial} & set(str(refused.value).split()) == {WATERLOO, other}
        for number in range(30):
            tutorial_venue(ledger.database, f"Room {number}")
        with pytest.raises(UsageRefused, match="'room' is part of many names, such as 'Room "):
            find_record(reader, "room", in_part=True)


@pytest.mark.parametrize("typed", ["BPP Watreloo", "waterloo, bpp", "BPP Waterlo0"])
def test_a_name_that_is_near_is_offered_and_not_taken(
    ledger: Ledger, tutorial: str, typed: str
) -> None:
    assert tutorial
    with (
        ledger.database.driver_transaction() as reader,
        pytest.raises(UsageRefused, match=r"did you mean 'BPP Waterloo'[?]$"),
    ):
        find_record(reader, typed, in_part=True)
