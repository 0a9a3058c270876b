"""The event catalogue says what the classes say."""

from __future__ import annotations

from attrs import resolve_types

from ledger.events import CATALOGUE
from ledger.events.write_catalogue import PLACE, catalogue


def test_the_file_is_what_the_classes_give() -> None:
    assert PLACE.read_text() == catalogue(), "run python -m ledger.events.write_catalogue"


def test_it_is_the_same_after_events_were_read() -> None:
    before = catalogue()
    for kind in CATALOGUE.classes.values():
        resolve_types(kind)  # as reading an event of it does
    assert catalogue() == before


def test_every_event_has_a_section() -> None:
    for name, kind in CATALOGUE.classes.items():
        assert f"### {name}, version {kind.schema_version}\n" in catalogue()


def test_fields_that_name_a_blob_or_a_person_are_marked() -> None:
    assert "| `digest` | `str` | blob |" in catalogue()
    assert "| `cells` | `Fields` | may name a person |" in catalogue()
