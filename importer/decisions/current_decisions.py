"""All current decisions of people: about pairs, about records, about products."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import Connection

from importer.reference.catalogue import read_tutorials
from importer.reference.product_decisions import Choice, current_choices
from ledger.database.connection import driver
from ledger.events import DecisionTaken, record_name
from ledger.events.recorded import Recorded
from ledger.history.display_names import Called
from sync.discrepancies.decisions import decisions_that_hold


@frozen
class CurrentDecision:
    """A current decision: its records, its author, its time and its reason.

    ``sitting`` is the one that a product was chosen for, ``later_sittings`` whether it holds for
    those after it; ``location`` is the record of the place. An ignored record is asked about again
    on the day ``until``.
    """

    position: int
    decision: str
    records: tuple[str, ...]
    names: tuple[str, ...]
    reason: str
    actor: str
    recorded_at: datetime
    run_id: UUID | None
    sitting: str | None = None
    location: str | None = None
    later_sittings: bool | None = None
    until: date | None = None

    @property
    def about(self) -> str:
        if self.until is not None:
            return f"{self.names[0]} until {self.until}"
        if self.sitting is None:
            return " and ".join(self.names)
        template, place, product = self.names
        since = f"from {self.sitting} on" if self.later_sittings else f"in {self.sitting}"
        return f"{template} at {place} {since} is {product}"


def current_decisions(connection: Connection) -> list[CurrentDecision]:
    """The decisions neither withdrawn nor overruled by a later one, oldest first."""
    called = Called(driver(connection))
    found = [_about_records(one, called) for one in decisions_that_hold(connection)]
    codes = _product_codes(connection)
    newest: dict[Any, Choice] = {}
    for choice in current_choices(connection):
        place = choice.event.fields["location"]
        newest[choice.event.subject, choice.sitting, place] = choice
    found += [_about_product(one, called, codes) for one in newest.values()]
    return sorted(found, key=lambda one: one.position)


def _about_records(recorded: Recorded, called: Called) -> CurrentDecision:
    taken = cast("DecisionTaken", recorded.event)
    records = tuple(one for one in (taken.subject, taken.object) if one is not None)
    return CurrentDecision(
        recorded.position,
        taken.decision,
        records,
        tuple(called(one) for one in records),
        taken.reason,
        recorded.actor,
        recorded.recorded_at,
        recorded.run_id,
        until=taken.until,
    )


def _product_codes(connection: Connection) -> dict[str, str]:
    """The codes of the catalogue's tutorials, on sale or not, by their records."""
    found = (one for them in read_tutorials(connection) for one in them)
    return {record_name("acted.products", one.id): one.code for one in found}


def _name(called: Called, record: str) -> str:
    return called.name_of(record) or record


def _about_product(choice: Choice, called: Called, codes: dict[str, str]) -> CurrentDecision:
    taken = choice.event
    product, place = str(taken.object), str(taken.fields["location"])
    return CurrentDecision(
        choice.position,
        taken.decision,
        (taken.subject, product),
        (_name(called, taken.subject), _name(called, place), codes.get(product, product)),
        taken.reason,
        choice.actor,
        choice.recorded_at,
        choice.run_id,
        choice.sitting,
        place,
        bool(taken.meaning),
    )
