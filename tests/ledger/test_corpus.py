"""Every event version ever written loads, and means what it meant when it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

import pytest
from attrs import field, frozen

from ledger.errors import UnreadableEvent
from ledger.events import CATALOGUE, Catalogue, Event
from ledger.values import Fields
from tests.ledger.corpus import RecordedPayload, recorded_payloads
from tests.ledger.corpus.meanings import MEANINGS
from tests.strategies import exact

LINES = list(zip(recorded_payloads(), MEANINGS, strict=True))
IDS = [f"{line.type}-{number}" for number, (line, _) in enumerate(LINES, 1)]


@pytest.mark.parametrize(("line", "meaning"), LINES, ids=IDS)
def test_a_recorded_event_reads_as_what_it_meant(line: RecordedPayload, meaning: Event) -> None:
    event = CATALOGUE.read(line.type, line.schema_version, line.payload, line.personal)
    assert exact(event) == exact(meaning)


@pytest.mark.parametrize(("line", "meaning"), LINES, ids=IDS)
def test_what_was_written_of_an_event_is_written_still(
    line: RecordedPayload, meaning: Event
) -> None:
    if line.schema_version < meaning.schema_version or line.personal:
        return  # written by an earlier version, or under a salt of its own
    # Fields added since, with their defaults, are no change of what was there.
    written = json.loads(CATALOGUE.write(meaning, []))
    assert written | json.loads(line.payload) == written


def test_every_version_of_every_event_is_in_the_corpus() -> None:
    versions = {
        (name, version)
        for name, known in CATALOGUE.classes.items()
        for version in range(1, known.schema_version + 1)
    }
    assert {(line.type, line.schema_version) for line, _ in LINES} == versions


@frozen(kw_only=True)
class PriceSet(Event):
    """An event in its third version: an amount, then its currency, then both in one mapping."""

    schema_version: ClassVar[int] = 3
    price: Fields
    note: str = field(default="")


UPCASTERS = {
    ("PriceSet", 1): lambda old: {**old, "currency": "GBP"},
    ("PriceSet", 2): lambda old: {
        "price": {"amount": old["amount"], "currency": old["currency"]},
    },
}


@pytest.mark.parametrize(
    ("version", "payload"),
    [
        (1, '{"amount":{"$decimal":"9.50"}}'),
        (2, '{"amount":{"$decimal":"9.50"},"currency":"GBP"}'),
        (3, '{"price":{"amount":{"$decimal":"9.50"},"currency":"GBP"}}'),
    ],
)
def test_an_event_of_an_older_version_is_lifted_step_by_step(version: int, payload: str) -> None:
    catalogue = Catalogue.of([PriceSet], UPCASTERS)
    sealed_free: Mapping[str, str] = {}
    newest = catalogue.read(
        "PriceSet", 3, '{"price":{"amount":{"$decimal":"9.50"},"currency":"GBP"}}', sealed_free
    )
    assert catalogue.read("PriceSet", version, payload, sealed_free) == newest


def test_a_version_without_its_upcaster_is_refused_when_the_catalogue_is_made() -> None:
    with pytest.raises(ValueError, match="PriceSet has no upcaster from version 2"):
        Catalogue.of([PriceSet], {("PriceSet", 1): UPCASTERS["PriceSet", 1]})


@pytest.mark.parametrize(("kind", "version"), [("SeatSold", 1), ("RunFailed", 2)])
def test_an_event_that_is_not_known_asks_for_an_upgrade_only_if_that_helps(
    kind: str, version: int
) -> None:
    told = f"{kind} version {version}.*if a later one appended it, upgrade admsync; otherwise"
    with pytest.raises(UnreadableEvent, match=told):
        CATALOGUE.read(kind, version, "{}", {})
