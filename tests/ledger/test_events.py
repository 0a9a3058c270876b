"""Events: whatever their fields hold, what is appended reads back equal."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.canonical import UNIT_SEPARATOR
from ledger.database.connection import Database
from ledger.events import (
    CATALOGUE,
    Event,
    FieldChange,
    PersonErased,
    RecordChanged,
    RecordObserved,
    record_name,
)
from ledger.events.catalogue import SealedValue
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.values import Personal
from tests.strategies import events, events_of, exact, names, texts

# What is about no record has to be of a run.
RUN = UUID(int=7)


@pytest.fixture
def unprojected(database: Database) -> Ledger:
    """A ledger that takes events which fit no rows."""
    return Ledger(database, actor="tests", projectors=())


@pytest.mark.parametrize("kind", CATALOGUE.classes.values(), ids=lambda kind: kind.__name__)
@settings(max_examples=20)
@given(data=st.data())
def test_an_event_of_any_class_is_written_and_read(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(events_of(kind))
    assert exact(_reread(event)) == exact(event)


@pytest.mark.parametrize(
    "event",
    [
        RecordChanged(
            table="adm.venues",
            key="1",
            row_id=1,
            changes={"$personal": FieldChange(before=None, after=Personal("x"))},
        ),
        PersonErased(erased="a/1", reason="", values=(), blobs=(), rows={"$personal": (1,)}),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_column_named_like_the_tag_of_personal_values_is_no_such_value(event: Event) -> None:
    assert _reread(event) == event


def _reread(event: Event) -> Event:
    sealed: list[SealedValue] = []
    payload = CATALOGUE.write(event, sealed).decode()
    personal = {value.digest.hex(): value.value for value in sealed}
    return CATALOGUE.read(type(event).__name__, event.schema_version, payload, personal)


@given(batch=st.lists(events(), min_size=1, max_size=6))
def test_events_of_a_batch_are_written_as_each_by_itself(batch: list[Event]) -> None:
    sealed: list[SealedValue] = []
    written = CATALOGUE.write_all(batch, sealed).split(UNIT_SEPARATOR)
    personal = {value.digest.hex(): value.value for value in sealed}
    kinds = [(type(event).__name__, event.schema_version) for event in batch]
    read = [
        CATALOGUE.read(*kind, text, personal) for kind, text in zip(kinds, written, strict=True)
    ]
    assert exact(read) == exact(batch)
    for event, text in zip(batch, written, strict=True):
        if "$personal" not in text:
            assert text == CATALOGUE.write(event, []).decode()


@settings(max_examples=60)
@given(batch=st.lists(events(), min_size=1, max_size=6))
def test_what_is_appended_reads_back_equal(unprojected: Ledger, batch: list[Event]) -> None:
    appended = unprojected.append([Entry(event) for event in batch], run_id=RUN)
    after = appended.positions[0] - 1
    found = list(unprojected.read(Selection(after=after)))
    assert exact([recorded.event for recorded in found]) == exact(batch)
    assert [exact(recorded) for recorded in found] == [exact(e) for e in appended.events]


@settings(max_examples=40)
@given(event=events())
def test_an_event_is_found_by_every_record_it_is_about(unprojected: Ledger, event: Event) -> None:
    [position] = unprojected.append([Entry(event)], run_id=RUN).positions
    about = {name for name in (event.record(), *event.others()) if name is not None}
    for name in about:
        found = unprojected.read(Selection(after=position - 1, subjects=[name]))
        assert [recorded.position for recorded in found] == [position]


@given(key=texts, other=texts)
def test_records_with_different_keys_have_different_names(key: str, other: str) -> None:
    assert (record_name("adm.venues", key) == record_name("adm.venues", other)) == (key == other)


@given(name=names)
def test_a_name_can_be_stored_whatever_the_key(name: str) -> None:
    name.encode()
    assert not set(name) & set("\x00\x1e\x1f")


def test_a_personal_value_stands_outside_its_event(unprojected: Ledger) -> None:
    ada = RecordObserved(
        table="adm.instructors", key="1", row_id=1, fields={"first_name": Personal("Ada Lovelace")}
    )
    unprojected.append([Entry(ada)])
    with unprojected.database.transaction() as connection:
        payload = connection.exec_driver_sql("SELECT payload::text FROM ledger.events").scalar_one()
        value = connection.exec_driver_sql("SELECT value FROM ledger.personal").scalar_one()
    assert "Ada" not in payload
    assert value == "Ada Lovelace"
