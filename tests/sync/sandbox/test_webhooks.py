"""Deliveries to a webhook, as Administrate makes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define, field

from ledger.errors import UsageRefused
from tests.receiver import receiving
from tests.sync.sandbox.builders import Asker

QUERY = """
query($objectid: String!) {
  events(filters: [{ field: id, operation: eq, value: $objectid }]) {
    edges { node { id title maxPlaces sessions { edges { node { id title } } } } }
  }
}
"""


@define
class Receiver:
    """Takes deliveries, and answers each with ``status``."""

    url: str = ""
    status: int = 200
    bodies: list[dict[str, Any]] = field(factory=list)

    def titles(self) -> list[str]:
        return [
            edge["node"]["title"]
            for body in self.bodies
            for edge in body["payload"]["events"]["edges"]
        ]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    taking = Receiver()

    def take(_path: str, body: bytes) -> int:
        taking.bodies.append(json.loads(body))
        return taking.status

    with receiving(take) as taking.url:
        yield taking


def test_an_edit_is_delivered_twice_as_it_was_then_in_any_order(
    asker: Asker, receiver: Receiver
) -> None:
    event, control = asker.event(title="First"), asker.sandbox.control
    control.set_webhook(receiver.url, QUERY)
    control.edit(event["id"], title="Second")
    control.edit(event["id"], title="Third")
    [one, two, three, four] = control.deliveries()
    assert receiver.bodies == []
    assert control.deliver(three, one, one) == [200] * 3
    assert receiver.titles() == ["Third", "Second", "Second"]
    assert control.deliveries() == [two, four]
    assert receiver.bodies[0]["metadata"]["webhook_id"] == "T3V0Ym91bmRIb29rOjE="


def test_an_edit_of_a_session_is_delivered_as_its_event(asker: Asker, receiver: Receiver) -> None:
    event, control = asker.event(), asker.sandbox.control
    control.set_webhook(receiver.url, QUERY)
    session = event["sessions"]["edges"][0]["node"]["id"]
    control.edit(session, title="Renamed")
    control.deliver(*control.deliveries())
    [edge] = receiver.bodies[0]["payload"]["events"]["edges"]
    assert edge["node"]["id"] == event["id"]
    assert edge["node"]["sessions"]["edges"][0]["node"]["title"] == "Renamed"


def test_at_once_is_before_the_call_is_answered(asker: Asker, receiver: Receiver) -> None:
    asker.sandbox.control.set_webhook(receiver.url, QUERY, at_once=True)
    asker.event(title="Made")
    assert receiver.titles() == ["Made"] * 2
    assert asker.sandbox.control.deliveries() == []


def test_what_is_not_taken_waits(asker: Asker, receiver: Receiver) -> None:
    event, control = asker.event(), asker.sandbox.control
    control.set_webhook(receiver.url, QUERY)
    control.edit(event["id"], maxPlaces=3)
    waiting = control.deliveries()
    receiver.status = 500
    assert control.deliver(*waiting) == [500, 500]
    assert control.deliveries() == waiting
    control.reset()
    assert control.deliveries() == []
    with pytest.raises(UsageRefused, match="no webhook"):
        control.deliver(1)
