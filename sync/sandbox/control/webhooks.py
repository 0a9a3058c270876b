"""Deliveries about edited events as Administrate sends them: at least once, unordered, unsigned.

A webhook is an address and the query whose answer is the payload, the event's id in ``$objectid``.
Each change of an event, of its sessions or of its staff makes two deliveries, of what the event was
then. They wait until they are sent for, in any order and as often as a test says; or, *at once*,
they are sent before the call that made the change is answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import requests
from attrs import define
from graphql import DocumentNode, execute_sync, parse

from ledger.errors import UsageRefused
from sync.sandbox.control.journal import Journal, now
from sync.sandbox.graphql.call import Call
from sync.sandbox.graphql.schema import schema
from sync.sandbox.records.ids import global_id
from sync.sandbox.records.kinds import EVENT, SESSION, STAFF
from sync.sandbox.records.store import Record

TABLE = "CREATE TABLE IF NOT EXISTS delivery (number INTEGER PRIMARY KEY, body TEXT NOT NULL);"
# One edit makes so many.
_OFTEN = 2
# Seconds until a receiver that does not answer is left to a later attempt.
_PATIENCE = 10


@define
class Webhooks:
    """The one webhook of the sandbox, and its deliveries that wait."""

    journal: Journal

    @classmethod
    def open(cls, journal: Journal) -> Webhooks:
        journal.store.db.executescript(TABLE)
        return cls(journal)

    def register(self, content: dict[str, Any]) -> dict[str, Any]:
        """Where to deliver (``url``; none ends it), with what ``query``, whether ``at_once``."""
        self.journal.remember("webhook", content)
        return content

    def forget(self) -> None:
        """No webhook, and nothing to deliver."""
        self.journal.remember("webhook", {})
        self.journal.store.db.execute("DELETE FROM delivery")

    def waiting(self) -> list[int]:
        rows = self.journal.store.db.execute("SELECT number FROM delivery ORDER BY number")
        return [number for (number,) in rows.fetchall()]

    def note(self) -> None:
        """Makes the deliveries of what has been written since the last call."""
        webhook = self.journal.setting("webhook") or {}
        written = self.journal.store.take_written()
        if not webhook.get("url"):
            return
        document = parse(webhook["query"])
        made = [
            self._made(document, event)
            for event in dict.fromkeys(self._events(written))
            for _ in range(_OFTEN)
        ]
        if made and webhook.get("at_once"):
            self.deliver(made)

    def deliver(self, numbers: Sequence[int]) -> list[int]:
        """Sends these, in this order, one as often as it is named; their statuses, 0 for no answer.

        What is not taken (429, 500 and above, no answer) goes on waiting.
        """
        url = (self.journal.setting("webhook") or {}).get("url")
        if not url:
            raise UsageRefused("There is no webhook to deliver to.")
        statuses = [self._sent(url, number) for number in numbers]
        taken = [(n,) for n, status in zip(numbers, statuses, strict=True) if 0 < status < 429]
        self.journal.store.db.executemany("DELETE FROM delivery WHERE number = ?", taken)
        return statuses

    def _events(self, written: Sequence[Record]) -> Iterator[str]:
        """The ids of the events that these records are of."""
        store = self.journal.store
        for one in written:
            record: Record | None = one
            if record is not None and record["__typename"] == STAFF.name:
                record = store.get(record["bookingId"])
            if record is not None and record["__typename"] == SESSION.name:
                record = store.get(record["parentEventId"])
            if record is not None and record["__typename"] == EVENT.name:
                yield record["id"]

    def _made(self, document: DocumentNode, event: str) -> int:
        """Keeps a delivery about the event as it is; its number."""
        moment = now()
        call = Call(
            schema(), self.journal.store, self.journal.switches(), moment, lambda _p, _n: None
        )
        answer = execute_sync(
            call.schema, document, context_value=call, variable_values={"objectid": event}
        )
        if answer.errors:
            raise UsageRefused(f"The webhook's query fails: {answer.errors[0].message}")
        body = {
            "metadata": {
                "user": {"email": None},
                "instance": "sandbox",
                "triggered_at": f"{moment[:19]}.000000Z",
                "context": "graphql",
                "webhook_id": global_id("OutboundHook", 1),
                "is_retry": False,
            },
            "payload": answer.data,
            "configuration": None,
        }
        row = self.journal.store.db.execute(
            "INSERT INTO delivery (body) VALUES (?) RETURNING number", (json.dumps(body),)
        ).fetchone()
        return int(row[0])

    def _sent(self, url: str, number: int) -> int:
        row = self.journal.store.db.execute(
            "SELECT body FROM delivery WHERE number = ?", (number,)
        ).fetchone()
        if row is None:
            raise UsageRefused(f"No delivery {number} is waiting.")
        body = json.loads(row[0])
        body["metadata"]["sent_at"] = now()
        agent = {"User-Agent": "Administrate-Webhooks/1.0"}
        with requests.Session() as session:
            # On this machine: no proxy of the surroundings stands between.
            session.trust_env = False
            try:
                return session.post(url, json=body, headers=agent, timeout=_PATIENCE).status_code
            except requests.RequestException:
                return 0
