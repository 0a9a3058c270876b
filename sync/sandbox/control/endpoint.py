"""The control endpoint: counts, faults, switches and records, for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import cattrs
from attrs import asdict, define

from ledger.errors import AdmsyncError, UsageRefused
from sync.sandbox.company.administrate import records
from sync.sandbox.company.generate import Size, sized
from sync.sandbox.control.editing import Edit, edit_event
from sync.sandbox.control.journal import Journal, now
from sync.sandbox.control.webhooks import Webhooks
from sync.sandbox.faults.fault import Fault
from sync.sandbox.graphql.call import Call
from sync.sandbox.graphql.schema import schema
from sync.sandbox.records.events import save_event, save_session, update_event_of
from sync.sandbox.records.kinds import EVENT, KINDS, SESSION, STAFF, Kind
from sync.sandbox.records.store import Record, Store
from sync.sandbox.reply import Reply, json_reply

Content = dict[str, Any]


def seed(store: Store, journal: Journal, size: Size) -> None:
    """Fills the store with the company at that size, and remembers the size."""
    store.fill(records(sized(size)))
    journal.remember("size", asdict(size))


def _kind(name: object) -> Kind:
    if not isinstance(name, str) or name not in KINDS:
        raise UsageRefused(f"There is no kind {name!r}; there are: {', '.join(KINDS)}.")
    return KINDS[name]


@define
class Control:
    """Each public route takes a JSON object and gives one, or a list."""

    store: Store
    journal: Journal
    webhooks: Webhooks
    revoke: Callable[[], None]

    def reply(self, method: str, route: str, body: bytes) -> Reply:
        """Answers a call of the control; 400 with ``error`` where it asks for nothing there is."""
        routes: Mapping[tuple[str, str], Callable[[Content], object]] = {
            ("GET", "counts"): lambda _: self.journal.counts(),
            ("GET", "calls"): lambda _: self.journal.calls(),
            ("GET", "changes"): lambda _: self.journal.changes(),
            ("GET", "faults"): lambda _: [asdict(fault) for fault in self.journal.faults()],
            ("PUT", "faults"): self.set_faults,
            ("PATCH", "switches"): lambda content: asdict(self.journal.switch(content)),
            ("POST", "dump"): self.dump,
            ("POST", "forget"): lambda _: self.journal.forget(),
            ("POST", "reset"): self.reset,
            ("POST", "revoke"): lambda _: self.revoke(),
            ("POST", "insert"): self.insert,
            ("POST", "edit"): self.edit,
            ("POST", "edit-event"): self.edit_event,
            ("POST", "remove"): self.remove,
            ("PUT", "webhook"): self.webhooks.register,
            ("GET", "deliveries"): lambda _: self.webhooks.waiting(),
            ("POST", "deliver"): lambda content: self.webhooks.deliver(content["numbers"]),
        }
        try:
            content = json.loads(body or b"{}")
            done = routes[method, route](content)
            self.webhooks.note()
            return json_reply(done)
        except KeyError as missing:
            return json_reply({"error": f"There is no {missing} in {method} {route}"}, 400)
        except (AdmsyncError, cattrs.BaseValidationError, ValueError) as error:
            return json_reply({"error": str(error)}, 400)

    def set_faults(self, content: Content) -> None:
        self.journal.set_faults(
            Fault.parse(text, content.get("seed", 0)) for text in content["faults"]
        )

    def dump(self, content: Content) -> list[Record]:
        """All records of a kind as they are stored, in the order they were made."""
        return self.store.select(_kind(content["kind"]), "ORDER BY number")

    def reset(self, _: Content) -> None:
        """Back to the records, counts, faults and switches of the start; tokens stay good."""
        seed(self.store, self.journal, Size(**self.journal.setting("size")))
        self.journal.forget()
        self.journal.set_faults([])
        self.journal.remember("switches", {})
        self.webhooks.forget()

    def insert(self, content: Content) -> Record:
        """A record made by someone else; its values are not checked."""
        kind, values = _kind(content["kind"]), content["values"]
        with self.store.writing():
            return self._saved(self.store.insert(kind, values))

    def edit(self, content: Content) -> Record:
        """A record changed by someone else: publishing, booking and renaming are edits."""
        with self.store.writing():
            return self._saved({**self._record(content), **content["values"]})

    def edit_event(self, content: Content) -> Content:
        """An event edited as a person does it, in the ways of the API."""
        edit = cattrs.Converter(forbid_extra_keys=True).structure(content["edit"], Edit)
        switches = self.journal.switches()
        # Nobody's call: it is not counted among the changes.
        call = Call(schema(), self.store, switches, now(), lambda _path, _node: None)
        return edit_event(call, content["event"], edit)

    def remove(self, content: Content) -> Record:
        record = self._record(content)
        with self.store.writing():
            self.store.remove([record["id"]])
            match record["__typename"]:
                case SESSION.name:
                    event = self.store.get(record["parentEventId"])
                    if event is not None:
                        save_event(self.store, event, self._session_edited())
                case STAFF.name:
                    update_event_of(self.store, record["bookingId"], self._staff_edited())
        return record

    def _session_edited(self) -> str | None:
        return now() if self.journal.switches().session_updates_event else None

    def _staff_edited(self) -> str | None:
        return now() if self.journal.switches().staff_updates_event else None

    def _record(self, content: Content) -> Record:
        record = self.store.get(content["id"])
        if record is None:
            raise UsageRefused(f"There is no record {content['id']!r}.")
        return record

    def _saved(self, record: Record) -> Record:
        """Writes the record, with what follows from its values."""
        match record["__typename"]:
            case EVENT.name:
                return save_event(self.store, record, now())
            case SESSION.name:
                return save_session(self.store, record, self._session_edited())
            case STAFF.name:
                update_event_of(self.store, record["bookingId"], self._staff_edited())
        for stamp in ("updatedAt", "lastUpdatedAt"):
            if stamp in record:
                record = {**record, stamp: now()}
        return self.store.replace(record)
