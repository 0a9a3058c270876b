"""What a test can see and do beside the API."""

from __future__ import annotations

import pytest

from ledger.errors import UsageRefused
from tests.sync.sandbox.builders import Asker


def test_calls_are_counted_by_operation_root_field_and_mutation(asker: Asker) -> None:
    asker.post("query Twice { venues(first: 1) { edges { cursor } } }")
    asker.post("query Twice { venues(first: 1) { edges { cursor } } }")
    asker.post("{ hello }")
    counts = asker.sandbox.control.counts()
    assert (counts["Twice"], counts["venues"], counts["hello"]) == (2, 2, 1)
    assert [one.operation for one in asker.sandbox.control.calls()] == [
        "Twice",
        "Twice",
        "(unnamed)",
    ]


def test_a_call_is_kept_with_its_variables_and_faults(asker: Asker) -> None:
    asker.sandbox.control.set_faults("503:Greet:1")
    asker.post("query Greet($v: String) { echo(value: $v) }", v="there")
    (call,) = asker.sandbox.control.calls()
    assert (call.variables, call.faults) == ({"v": "there"}, ["503"])


def test_changes_name_the_mutation_the_record_and_the_call(asker: Asker) -> None:
    event = asker.event()
    (change,) = asker.sandbox.control.changes("event.createBlended")
    (call,) = [one for one in asker.sandbox.control.calls() if one.number == change.call]
    assert change.node == event["id"]
    assert call.operation == "CreateEvent"


def test_someone_else_publishes_books_edits_and_removes(asker: Asker) -> None:
    event, control = asker.event(maxPlaces=10), asker.sandbox.control
    control.publish(event["id"])
    control.book(event["id"], 4)
    fields = "lifecycleState isActive bookedPlaces remainingPlaces updatedAt"
    shown = asker.ask(
        f"query($id: ID!) {{ node(id: $id) {{ ... on Event {{ {fields} }} }} }}", id=event["id"]
    )["node"]
    assert (shown["lifecycleState"], shown["isActive"]) == ("published", True)
    assert (shown["bookedPlaces"], shown["remainingPlaces"]) == (4, 6)
    assert shown["updatedAt"] > event["updatedAt"]
    venue = control.dump("Venue")[0]
    control.edit(venue["id"], name="Renamed")
    assert asker.one("venues", "name", "Renamed") == venue["id"]
    control.remove(venue["id"])
    assert venue["id"] not in {one["id"] for one in asker.nodes("venues")}
    assert len(control.changes()) == 1


def test_a_reset_brings_back_the_start(asker: Asker) -> None:
    control = asker.sandbox.control
    before = control.dump("Event")
    asker.event()
    control.set_faults("503:*")
    control.switch(ignore_case=True)
    control.reset()
    assert (control.dump("Event"), control.counts(), control.changes()) == (before, {}, [])
    assert control.switch()["ignore_case"] is False
    assert asker.post("{ hello }").status_code == 200


def test_what_the_control_does_not_know_is_refused(asker: Asker) -> None:
    control = asker.sandbox.control
    with pytest.raises(UsageRefused, match="There is no kind 'Ship'"):
        control.dump("Ship")
    with pytest.raises(UsageRefused):
        control.switch(gravity=False)
    with pytest.raises(UsageRefused):
        control.switch(default_order="sideways")
    with pytest.raises(UsageRefused, match="There is no record 'x'"):
        control.remove("x")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"query": 1}', b'{"query": "{ hello }", "variables": 3}']
)
def test_a_body_that_is_no_graphql_request_is_refused(asker: Asker, body: bytes) -> None:
    assert asker.send(body).status_code == 400


def test_there_is_nothing_at_other_addresses(asker: Asker) -> None:
    assert asker.send(b"{}", "/elsewhere").status_code == 404
