"""A bare client for the sandbox's tests, and the requests they share."""

from __future__ import annotations

from typing import Any

import requests
from attrs import define, field

from sync.sandbox.process import RunningSandbox

Data = dict[str, Any]

CREATE_EVENT = """
mutation CreateEvent($input: BlendedEventCreateInput!) {
  event { createBlended(input: $input) {
    errors { label message value }
    event { id legacyId code title lifecycleState learningMode start end lmsStart
      timeZonedLmsStart timeZonedLmsEnd classroomStart timeZonedClassroomStart updatedAt
      venue { name }
      prices { edges { node { amount } } }
      customFieldValues { value definition { label } }
      sessions(orderBy: [{field: start, direction: asc}]) { edges { node {
        id title code start end timeZonedStart lifecycleState venue { name } } } } }
  } }
}
"""
LIST_VENUES = """
query ListVenues($first: Int, $offset: Int, $orderBy: [VenueFieldGraphOrder] = []) {
  venues(first: $first, offset: $offset, orderBy: $orderBy) {
    pageInfo { totalRecords hasNextPage }
    edges { cursor node { id name location { name } } }
  }
}
"""
ADD_STAFF = """
mutation AddStaff($input: EventStaffInput!) {
  event { addStaff(input: $input) { errors { message } event { staff { edges { node {
    id staffType contact { name } sessionStaff { id booking { __typename } } } } } } } }
}
"""


@define
class Asker:
    """Sends one request at a time, and neither retries nor judges what comes back."""

    sandbox: RunningSandbox
    _session: requests.Session = field(factory=requests.Session)

    def close(self) -> None:
        self._session.close()

    def token(self, **form: str) -> requests.Response:
        own = {"client_id": self.sandbox.api_key, "client_secret": self.sandbox.api_secret}
        asked = {"grant_type": "client_credentials", **own, **form}
        return self._session.post(self.sandbox.token_url, data=asked, timeout=10)

    def authorize(self) -> None:
        token = self.token().json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def post(self, document: str, *, timeout: float = 10, **variables: Any) -> requests.Response:
        body = {"query": document, "variables": variables}
        return self._session.post(self.sandbox.graphql_url, json=body, timeout=timeout)

    def send(self, body: bytes, path: str = "/graphql") -> requests.Response:
        """Whatever bytes, to whatever address."""
        return self._session.post(self.sandbox.url + path, data=body, timeout=10)

    def answer(self, document: str, **variables: Any) -> Data:
        """The whole answer of a request that HTTP says went well."""
        response = self.post(document, **variables)
        response.raise_for_status()
        content: Data = response.json()
        return content

    def ask(self, document: str, **variables: Any) -> Data:
        """The data of a request that went well."""
        answer = self.answer(document, **variables)
        assert not answer.get("errors"), answer
        data: Data = answer["data"]
        return data

    def change(self, path: str, document: str, **variables: Any) -> Data:
        """The payload of a mutation, by its path."""
        namespace, name = path.split(".")
        payload: Data = self.ask(document, **variables)[namespace][name]
        return payload

    def nodes(self, listing: str, fields: str = "id", arguments: str = "first: 100") -> list[Data]:
        found = self.ask(f"{{ {listing}({arguments}) {{ edges {{ node {{ {fields} }} }} }} }}")
        return [edge["node"] for edge in found[listing]["edges"]]

    def one(self, listing: str, field_name: str, value: str) -> str:
        """The id of the one record with that value."""
        only = f'filters: [{{field: {field_name}, operation: eq, value: "{value}"}}]'
        (node,) = self.nodes(listing, arguments=only)
        identifier: str = node["id"]
        return identifier

    def definitions(self, entity: str) -> dict[str, str]:
        """The keys of an entity type's custom fields, by label."""
        document = "query($type: SupportsCustomField!) { customFieldTemplate(type: $type) { %s } }"
        found = self.ask(document % "customFieldDefinitions { key label }", type=entity)
        defined = found["customFieldTemplate"]["customFieldDefinitions"]
        return {one["label"]: one["key"] for one in defined}

    def definition(self, entity: str, label: str) -> str:
        return self.definitions(entity)[label]

    def event_input(self, template: str = "CB1_LO_3", **values: object) -> Data:
        """What createBlended needs for an event of a course, in January, London time."""
        return {
            "eventType": "public",
            "timeZoneName": "Europe/London",
            "courseTemplateId": self.one("courseTemplates", "code", template),
            "title": "ELO-CB1-99-26A",
            "classroomStartDateTime": "2026-01-12T09:30:00",
            "classroomEndDateTime": "2026-01-12T17:00:00",
            "lmsStartDateTime": "2025-10-22T16:00:00",
            "lmsEndDateTime": "2026-07-10T00:00:00",
            "customFieldValues": [
                {"definitionKey": self.definition("Event", "Sitting"), "value": "2026A"}
            ],
            **values,
        }

    def create_event(self, **values: Any) -> Data:
        """The payload of createBlended for ``event_input``."""
        return self.change("event.createBlended", CREATE_EVENT, input=self.event_input(**values))

    def event(self, **values: Any) -> Data:
        payload = self.create_event(**values)
        assert payload["errors"] == []
        event: Data = payload["event"]
        return event

    def add_staff(self, event: str, contact: str, role: str = "instructor") -> Data:
        """The payload of event.addStaff."""
        given = {"eventId": event, "staffType": role, "contactId": contact}
        return self.change("event.addStaff", ADD_STAFF, input=given)


def sessions_of(event: Data) -> list[Data]:
    return [edge["node"] for edge in event["sessions"]["edges"]]
