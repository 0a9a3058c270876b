"""Courses, contacts, locations, staff, prices, external ids."""

from __future__ import annotations

import pytest

from tests.sync.sandbox.builders import Asker, Data, sessions_of

ALREADY = "The input Contact already exists as staff on the Event"
UPDATE_COURSE = """
mutation($id: ID!, $input: CourseTemplateUpdateInput!) {
  courseTemplate { update(courseTemplateId: $id, input: $input) {
    errors { label } courseTemplate { approvedInstructors { edges { node { id } } } } } }
}
"""
STORE = """
mutation($node: ID!, $value: String!, $overwrite: Boolean = false) {
  externalId { store(nodeId: $node, name: "Ledger", value: $value, overwrite: $overwrite) {
    id externalIds { name value } } }
}
"""


def rows(payload: Data) -> list[Data]:
    return [edge["node"] for edge in payload["event"]["staff"]["edges"]]


def test_staff_of_an_event_stand_on_its_sessions_too(asker: Asker) -> None:
    event = asker.event()
    payload = asker.add_staff(event["id"], asker.one("contacts", "name", "Callum Jessop"))
    assert payload["errors"] == []
    (row,) = rows(payload)
    assert len(row["sessionStaff"]) == len(sessions_of(event))
    assert {one["booking"]["__typename"] for one in row["sessionStaff"]} == {"Session"}


def test_a_contact_added_twice_is_refused_once_for_each_booking(asker: Asker) -> None:
    event, tutor = asker.event(), asker.one("contacts", "name", "Callum Jessop")
    asker.add_staff(event["id"], tutor)
    again = asker.add_staff(event["id"], tutor)
    assert again["event"] is None
    assert [one["message"] for one in again["errors"]] == [ALREADY] * 4
    assert len(asker.sandbox.control.changes("event.addStaff")) == 1


def test_one_who_stands_on_a_session_is_added_to_the_rest_with_a_warning(asker: Asker) -> None:
    event, tutor = asker.event(), asker.one("contacts", "name", "Callum Jessop")
    given = {
        "sessionId": sessions_of(event)[0]["id"],
        "staffType": "instructor",
        "contactIds": [tutor],
    }
    document = """mutation($input: SessionAddStaffInput!) { session { addStaff(input: $input) {
        errors { message } session { staff { edges { node { contact { name } } } } } } } }"""
    first = asker.change("session.addStaff", document, input=given)
    assert len(first["session"]["staff"]["edges"]) == 1
    payload = asker.add_staff(event["id"], tutor)
    assert payload["event"] is not None
    assert [one["message"] for one in payload["errors"]] == [ALREADY]


def test_an_instructor_who_is_not_approved_is_refused_until_approved(asker: Asker) -> None:
    event, tutor = asker.event(), asker.one("contacts", "name", "Marguerite Oakhanger")
    assert asker.add_staff(event["id"], tutor)["event"] is None
    course = asker.one("courseTemplates", "code", "CB1_LO_3")
    approved = asker.change(
        "courseTemplate.update", UPDATE_COURSE, id=course, input={"approvedInstructors": [tutor]}
    )
    assert approved["courseTemplate"]["approvedInstructors"]["edges"] == [{"node": {"id": tutor}}]
    assert asker.add_staff(event["id"], tutor)["errors"] == []


def test_only_an_administrator_administers(asker: Asker) -> None:
    event = asker.event()
    for name, errors in (("Ruth Calder", 0), ("Callum Jessop", 1)):
        payload = asker.add_staff(event["id"], asker.one("contacts", "name", name), "administrator")
        assert len(payload["errors"]) == errors


def test_removing_staff_from_an_event_removes_them_from_its_sessions(asker: Asker) -> None:
    event = asker.event()
    before = len(asker.sandbox.control.dump("Staff"))
    (row,) = rows(asker.add_staff(event["id"], asker.one("contacts", "name", "Callum Jessop")))
    document = """mutation($id: ID!) { event { removeStaff(input: {staffId: $id}) {
        errors { message } event { id } } } }"""
    assert asker.change("event.removeStaff", document, id=row["id"])["errors"] == []
    assert len(asker.sandbox.control.dump("Staff")) == before


def test_an_event_has_one_price_for_a_level_and_currency(asker: Asker) -> None:
    event = asker.event()
    document = """mutation($input: [EventAddPriceInput]!) { event { addPrices(input: $input) {
        errors { message } prices { amount priceLevel { name } } } } }"""
    level = asker.one("priceLevels", "name", "Reduced rate")
    given = {"eventId": event["id"], "amount": "99.50", "priceLevelId": level}
    added = asker.change("event.addPrices", document, input=given)
    assert added["prices"] == [{"amount": "99.50", "priceLevel": {"name": "Reduced rate"}}]
    again = asker.change("event.addPrices", document, input=given)
    assert (len(again["errors"]), again["prices"]) == (1, [])
    worthless = asker.change("event.addPrices", document, input={**given, "amount": "0"})
    assert len(worthless["errors"]) == 1


def test_an_external_id_belongs_to_one_record_of_a_type(asker: Asker) -> None:
    first, second = asker.event()["id"], asker.event()["id"]
    stored = asker.ask(STORE, node=first, value="run-1")["externalId"]["store"]
    assert stored["externalIds"] == [{"name": "Ledger", "value": "run-1"}]
    taken = asker.answer(STORE, node=second, value="run-1")
    assert taken["data"] is None
    assert taken["errors"]
    assert asker.answer(STORE, node=first, value="run-2")["data"] is None
    asker.ask(STORE, node=first, value="run-2", overwrite=True)
    look_up = """query($value: String!) {
        nodeByExternalId(type: Event, name: "LEDGER", value: $value) { id } }"""
    assert asker.ask(look_up, value="run-2")["nodeByExternalId"] == {"id": first}
    assert asker.ask(look_up, value="run-1")["nodeByExternalId"] is None


def test_several_external_ids_are_looked_up_at_once(asker: Asker) -> None:
    events = [asker.event()["id"] for _ in range(3)]
    for number, event in enumerate(events):
        asker.ask(STORE, node=event, value=f"run-{number}")
    found = asker.ask("""{ nodesByExternalId(type: Event, name: "ledger",
        values: ["run-0", "run-2", "run-9"], limit: 1, offset: 1) {
        pageInfo { totalRecords } edges { node { id } } } }""")["nodesByExternalId"]
    assert found == {"pageInfo": {"totalRecords": 2}, "edges": [{"node": {"id": events[2]}}]}


def test_a_course_is_made_priced_and_deleted_while_unused(asker: Asker) -> None:
    create = """mutation($input: CourseTemplateCreateInput!) { courseTemplate {
        create(input: $input) { errors { label } courseTemplate { id lifecycleState canDelete
          publicPrices { edges { node { amount } } } } } } }"""
    price = {
        "regionId": asker.one("regions", "code", "GB"),
        "priceLevelId": asker.one("priceLevels", "name", "Standard"),
        "financialUnitId": asker.nodes("currencies", "id code")[0]["id"],
        "amount": 120,
    }
    given = {"title": "New", "code": "CB9_LO_1", "publicPrices": [price]}
    course = asker.change("courseTemplate.create", create, input=given)["courseTemplate"]
    assert course["lifecycleState"] == "draft"
    assert course["publicPrices"]["edges"] == [{"node": {"amount": "120"}}]
    add = """mutation($input: [CourseAddPublicPriceInput]!) { courseTemplate {
        addPublicPrices(input: $input) { errors { message } prices { id } } } }"""
    again = {**price, "courseTemplateId": course["id"]}
    assert len(asker.change("courseTemplate.addPublicPrices", add, input=again)["errors"]) == 1
    delete = """mutation($id: ID!) { courseTemplate { delete(courseTemplateId: $id) {
        errors { message } courseTemplate { id } } } }"""
    assert asker.change("courseTemplate.delete", delete, id=course["id"])["errors"] == []
    used = asker.one("courseTemplates", "code", "CP1_f2f_5")
    assert len(asker.change("courseTemplate.delete", delete, id=used)["errors"]) == 1


@pytest.mark.parametrize(
    ("values", "label"), [({"code": "C" * 121}, "code"), ({"title": ""}, "title")]
)
def test_a_course_keeps_to_the_lengths_of_the_api(asker: Asker, values: Data, label: str) -> None:
    course = asker.one("courseTemplates", "code", "CB1_LO_3")
    payload = asker.change("courseTemplate.update", UPDATE_COURSE, id=course, input=values)
    assert payload["errors"] == [{"label": label}]


def test_a_contact_is_made_renamed_and_deleted_out_of_sight(asker: Asker) -> None:
    fields = "errors { message } contact { id name firstName isInstructor emailAddress }"
    create, update, delete = (
        f"mutation($input: Contact{name}Input!) {{"
        f" contact {{ {name.lower()}(input: $input) {{ {fields} }} }} }}"
        for name in ("Create", "Update", "Delete")
    )
    contact = asker.change(
        "contact.create",
        create,
        input={
            "accountId": asker.nodes("accounts")[0]["id"],
            "personalName": {"firstName": "Ada", "lastName": "Fernshaw"},
            "isInstructor": True,
            "emailAddresses": [{"usage": "primary", "address": "ada@example.com"}],
        },
    )["contact"]
    assert (contact["name"], contact["isInstructor"]) == ("Ada Fernshaw", True)
    renamed = {"contactId": contact["id"], "personalName": {"lastName": "Fern"}}
    assert asker.change("contact.update", update, input=renamed)["contact"]["name"] == "Ada Fern"
    asker.change("contact.delete", delete, input={"contactId": contact["id"]})
    assert contact["id"] not in {one["id"] for one in asker.nodes("contacts")}


def test_a_location_is_made_and_one_in_use_stays(asker: Asker) -> None:
    create = """mutation($input: LocationCreateInput!) { location { create(input: $input) {
        errors { message } location { id name status region { code } } } } }"""
    given = {"regionId": asker.one("regions", "code", "IE"), "name": "Cork"}
    made = asker.change("location.create", create, input=given)["location"]
    assert (made["status"], made["region"]) == ("active", {"code": "IE"})
    delete = """mutation($id: ID!) { location { delete(input: {locationId: $id}) {
        errors { message } location { id } } } }"""
    assert asker.change("location.delete", delete, id=made["id"])["errors"] == []
    london = asker.one("locations", "name", "London")
    assert len(asker.change("location.delete", delete, id=london)["errors"]) == 1


@pytest.mark.parametrize("namespace", ["venue", "priceLevel", "currency"])
def test_venues_price_levels_and_currencies_cannot_be_made(asker: Asker, namespace: str) -> None:
    answer = asker.answer(f"mutation {{ {namespace} {{ create {{ id }} }} }}")
    assert f"Cannot query field '{namespace}'" in answer["errors"][0]["message"]


def test_a_venue_is_no_node(asker: Asker) -> None:
    venue = asker.nodes("venues")[0]["id"]
    assert asker.ask("query($id: ID!) { node(id: $id) { id } }", id=venue)["node"] is None


def test_custom_fields_are_defined_for_each_entity(asker: Asker) -> None:
    for entity, labels in (
        ("Session", ["Day", "URL", "Sequence", "Recording"]),
        ("CourseTemplate", ["Sage code", "Exam body", "Study hours"]),
        ("TokenIssue", []),
    ):
        assert list(asker.definitions(entity)) == labels


def test_each_prefix_of_an_id_is_the_services_own(asker: Asker) -> None:
    prefixes = {
        "accounts": "Organisation",
        "contacts": "Person",
        "events": "Course",
        "courseTemplates": "CourseTemplate",
        "taxTypes": "TaxType",
    }
    for listing, prefix in prefixes.items():
        node = asker.nodes(listing, "id legacyId")[0]
        minted = asker.ask(f'{{ generateId(type: "{prefix}", id: {node["legacyId"]}) }}')
        assert minted["generateId"] == node["id"]
    (tax_type,) = asker.nodes("taxTypes")
    assert tax_type["id"] == "VGF4VHlwZTox"
