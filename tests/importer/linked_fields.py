"""Every compared field of every linked record: as both sides hold it now, what a sync is to make of
it. Read beside the program's own fetching and deciding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from ledger.events import record_name
from ledger.events.agreement import Pair
from ledger.replay.ledger_rows import tutorial_ledger_rows
from ledger.schema import adm
from ledger.store.append import head
from ledger.store.tutorial_shape import present_tables
from ledger.values import Value
from sync.decide.under_way import read_under_way
from sync.events.base import Base, read_bases
from sync.events.comparison import Listed
from sync.events.edits import known_rows
from sync.events.fields import TUTORIAL_TABLES, HeldField, Owner, administrate_values, held_fields
from sync.events.kinds import Translation, Untranslatable
from sync.events.labels import TYPES, read_labels
from sync.events.translations import Translations
from sync.events.tutorial_rows import read_tutorial_rows
from tests.importer.company import Company

_LINKED = {
    adm.EVENTS.fullname: "SELECT external_id, tutorial_event_id FROM adm.events"
    " WHERE tutorial_event_id IS NOT NULL AND external_id IS NOT NULL AND gone_at IS NULL",
    adm.SESSIONS.fullname: "SELECT s.external_id, s.tutorial_session_id FROM adm.sessions s"
    " JOIN adm.events e ON e.id = s.event_id WHERE s.tutorial_session_id IS NOT NULL"
    " AND s.external_id IS NOT NULL AND s.gone_at IS NULL",
}
_KINDS = {adm.EVENTS.fullname: "Event", adm.SESSIONS.fullname: "Session"}


@frozen
class LinkedField:
    """A field of a linked record, as both sides hold it. ``tutorial`` is the row that it is linked
    with; ``ours``: this program made that row. ``meant`` is what Administrate's value is there,
    where it is anything."""

    record: str
    tutorial: int
    name: str
    owner: Owner
    ours: bool
    now: Pair
    meant: Value
    unknown: bool
    base: Base

    @property
    def agreed(self) -> Pair | None:
        """What both sides last agreed on."""
        return self.base.pairs.get(self.name)

    @property
    def equal(self) -> bool:
        """Whether both sides mean the same."""
        return not self.unknown and self.meant == self.now.tutorial

    def expected(self) -> tuple[Pair, str | None]:
        """What both sides are to hold once they are synced, and why the field is to be listed."""
        if self.equal or self.agreed == self.now:
            return self.now, None
        decided = self.base.decided.get(self.name)
        if decided is not None and decided.values == self.now:
            follows = decided.side == "administrate"
            return self._taken_over() if follows else (self.now, Listed.TO_PUSH.value)
        if self._administrates_own_change:
            return self._taken_over()
        return self.now, self._why().value

    @property
    def _administrates_own_change(self) -> bool:
        if self.agreed is None or self.owner is Owner.WEB_APPLICATION:
            return False
        taken_back = self.base.taken_back
        again = self.name in taken_back and taken_back[self.name] == self.now.administrate
        return self.agreed.tutorial == self.now.tutorial and not again

    def _why(self) -> Listed:
        """Why the field is listed, where nothing is done about it."""
        web = self.owner is Owner.WEB_APPLICATION
        if self.agreed is None:
            return Listed.NEVER_AGREED
        if self.agreed.administrate == self.now.administrate:
            return Listed.TO_PUSH if web else Listed.OWNED_BY_ADMINISTRATE
        if self.agreed.tutorial != self.now.tutorial:
            return Listed.CONFLICT
        return Listed.OWNED_BY_WEB_APPLICATION if web else Listed.ROLLED_BACK

    def _taken_over(self) -> tuple[Pair, str | None]:
        if self.unknown:
            return self.now, Listed.NO_VALUE.value
        if not self.ours:
            return self.now, Listed.NOT_OURS.value
        return Pair(administrate=self.now.administrate, tutorial=self.meant), None


Fields = dict[tuple[str, str], LinkedField]


def linked_fields(company: Company) -> Fields:
    """The fields of all linked records that both systems have, by record and name; without those
    of an import that is under way, which a sync leaves as they are."""
    found: Fields = {}
    with company.database.driver_transaction() as connection:
        under_way = read_under_way(connection, head(connection)[0])
        busy = {
            adm.EVENTS.fullname: {one.tutorial_id for one in under_way},
            adm.SESSIONS.fullname: {row_id for one in under_way for row_id in one.sessions},
        }
        tables = present_tables(connection)
        ledger, labels = tutorial_ledger_rows(connection, tables), read_labels(connection)
        translations = Translations.read(connection)
        for table, query in _LINKED.items():
            linked = dict(connection.execute(query).fetchall())
            there = {one["id"]: one for one in _answers(company, _KINDS[table])}
            tutorial = TUTORIAL_TABLES[table]
            rows = read_tutorial_rows(connection, tables, tutorial, linked.values(), ()).rows
            ours = known_rows(ledger, tutorial)
            bases = read_bases(connection, [record_name(table, key) for key in linked])
            for key, row_id in linked.items():
                if key not in there or row_id not in rows or row_id in busy[table]:
                    continue
                values = administrate_values(there[key], table, labels.get(TYPES[table], {}))
                by = translations.by(values.get("timezone"))
                for held in held_fields(table, tables):
                    record = record_name(table, key)
                    name = held.field.name
                    meant, unknown = _meant(held, values[name], by)
                    found[record, name] = LinkedField(
                        record,
                        row_id,
                        name,
                        held.field.owner(tables.shape),
                        row_id in ours,
                        Pair(administrate=values[name], tutorial=rows[row_id].value(held)),
                        meant,
                        unknown,
                        bases[record],
                    )
    return found


def _meant(held: HeldField, value: Value, by: Translation) -> tuple[Value, bool]:
    try:
        meant = held.field.kind.in_tutorial(value, by, day=held.day)
    except Untranslatable:
        return None, True
    return meant, bool(held.refuses(meant))


def _answers(company: Company, kind: str) -> Iterator[dict[str, Any]]:
    """The records of a kind, in the form in which the API answers."""
    staff: Mapping[str, list[Any]] = defaultdict(list)
    for one in company.control.dump("Staff"):
        contact = {"id": one["contactId"]} if one["contactId"] else None
        staff[one["bookingId"]].append(
            {"node": {"staffType": one["staffType"], "contact": contact}}
        )
    venues: dict[str, Any] = {}
    for one in company.control.dump("Session"):
        if one["venueId"]:
            venues.setdefault(one["parentEventId"], {"id": one["venueId"]})
    for one in company.control.dump(kind):
        references = {
            name.removesuffix("Id"): {"id": value} if value else None
            for name, value in one.items()
            if name.endswith("Id")
        }
        custom = [
            {"definitionKey": key, "value": value}
            for key, value in (one.get("customFields") or {}).items()
        ]
        yield {
            # An event has no venue of its own: it shows its sessions'.
            "venue": venues.get(one["id"]),
            **one,
            **references,
            "customFieldValues": custom,
            "staff": {"edges": staff[one["id"]]},
        }
