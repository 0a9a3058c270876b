"""The client of a sandbox's control endpoint, typed."""

from __future__ import annotations

from typing import Any

import cattrs
import requests
from attrs import frozen

from ledger.errors import AdmsyncError, UsageRefused

Record = dict[str, Any]


@frozen
class Received:
    """One call: the names it goes by, its variables, the kinds of fault that struck it."""

    number: int
    at: str
    operation: str
    names: list[str]
    variables: dict[str, Any]
    faults: list[str]


@frozen
class Changed:
    """One change: by which mutation (``event.createBlended``), in which call, of which record."""

    number: int
    at: str
    call: int
    mutation: str
    node: str


@frozen
class EditedValue:
    """A value of an event, or of one of its sessions, before and after an edit."""

    of: str
    what: str
    before: Any
    after: Any


@frozen
class Edited:
    """An event that was edited, by its title from before."""

    event: str
    id: str
    changes: list[EditedValue]


class SandboxAbsent(AdmsyncError):
    """No sandbox answers at an address."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"no sandbox answers at {url}; start one with admsync sandbox, or say its --port"
        )


@frozen
class ControlClient:
    url: str

    def _send(self, method: str, route: str, content: object = None) -> Any:
        with requests.Session() as session:
            # On this machine: no proxy of the surroundings stands between.
            session.trust_env = False
            url = f"{self.url}/control/{route}"
            try:
                answer = session.request(method, url, json=content, timeout=60)
                body = answer.json()
            except requests.RequestException as problem:
                raise SandboxAbsent(self.url) from problem
        if answer.status_code != requests.codes.ok:
            raise UsageRefused(body["error"])
        return body

    def set_faults(self, *faults: str, seed: int = 0) -> None:
        """Sets these faults (see ``sync.sandbox.faults.fault``) in place of any others."""
        self._send("PUT", "faults", {"faults": list(faults), "seed": seed})

    def clear_faults(self) -> None:
        self.set_faults()

    def faults(self) -> list[Record]:
        """The faults that are set, field by field."""
        return list(self._send("GET", "faults"))

    def switch(self, **changes: object) -> Record:
        """Sets fields of ``sync.sandbox.switches.Switches``; all as they are then."""
        return dict(self._send("PATCH", "switches", changes))

    def counts(self) -> dict[str, int]:
        """Calls received, by operation name, mutation path and root field."""
        return dict(self._send("GET", "counts"))

    def count(self, name: str) -> int:
        return self.counts().get(name, 0)

    def calls(self) -> list[Received]:
        return cattrs.structure(self._send("GET", "calls"), list[Received])

    def changes(self, mutation: str | None = None) -> list[Changed]:
        """The changes made, all or by one mutation, in order."""
        every = cattrs.structure(self._send("GET", "changes"), list[Changed])
        return [change for change in every if mutation in (None, change.mutation)]

    def dump(self, kind: str) -> list[Record]:
        """All records of a GraphQL type as they are stored."""
        return list(self._send("POST", "dump", {"kind": kind}))

    def forget(self) -> None:
        """Counts calls and changes from here."""
        self._send("POST", "forget")

    def reset(self) -> None:
        """Back to the records at the start; no faults, no counts, every switch at its default."""
        self._send("POST", "reset")

    def revoke_tokens(self) -> None:
        self._send("POST", "revoke")

    def insert(self, kind: str, **values: object) -> Record:
        """A record made by someone else; references are ids under ``locationId`` and the like."""
        return dict(self._send("POST", "insert", {"kind": kind, "values": values}))

    def edit(self, identifier: str, **values: object) -> Record:
        """A record changed by someone else."""
        return dict(self._send("POST", "edit", {"id": identifier, "values": values}))

    def edit_event(self, event: str, **edit: object) -> Edited:
        """An event, by its title, code or id, edited as a person does it: the fields of
        ``sync.sandbox.control.editing.Edit``."""
        content = {"event": event, "edit": edit}
        return cattrs.structure(self._send("POST", "edit-event", content), Edited)

    def remove(self, *identifiers: str) -> list[Record]:
        return [dict(self._send("POST", "remove", {"id": one})) for one in identifiers]

    def set_webhook(self, url: str, query: str, *, at_once: bool = False) -> None:
        """Where changes of events are delivered, and with what payload (see ``webhooks``)."""
        self._send("PUT", "webhook", {"url": url, "query": query, "at_once": at_once})

    def deliveries(self) -> list[int]:
        """The numbers of the deliveries that wait, in the order in which they were made."""
        return list(self._send("GET", "deliveries"))

    def deliver(self, *numbers: int) -> list[int]:
        """Sends these deliveries in this order; the statuses that they were answered with."""
        return list(self._send("POST", "deliver", {"numbers": numbers}))

    def publish(self, event: str) -> Record:
        return self.edit(event, lifecycleState="published")

    def book(self, event: str, learners: int) -> Record:
        """So many learners are booked on the event from here."""
        return self.edit(event, bookedPlaces=learners)
