"""Missing records that a person names, to be created in Administrate after a plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from attrs import frozen

from ledger.errors import UsageRefused
from ledger.history.find_record import find_record
from ledger.runs.kept_plan import KeptPlan
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.discrepancies.current import MATCHED, open_discrepancies, synced_entities
from sync.entity import Entity
from sync.missing.answers import MissingRecord, missing_records
from sync.missing.create import CREATIONS, places_for, set_in
from sync.missing.decide import Creation


@frozen
class OpenPlace:
    """What records of an entity are created in, where the settings leave it open: one of
    ``offered``, by id and name."""

    entity: Entity
    what: str
    offered: tuple[tuple[str, str], ...]

    def chosen(self, within: Collection[str]) -> tuple[str, str]:
        """The one that is named by its id or name, or the only one. Raises ``UsageRefused``."""
        named = [one for one in self.offered if not set(one).isdisjoint(within)]
        if len(named) == 1:
            return named[0]
        if len(self.offered) == 1 and not within:
            return self.offered[0]
        names = ", ".join(f"{name!r}" for _, name in self.offered)
        raise UsageRefused(
            f"say in which {self.what} {self.entity.many} are created: {names or 'there is none'}"
        )


@frozen
class AskedCreations:
    """The missing records that a person named, and what they may be created in."""

    missing: tuple[MissingRecord, ...]
    given: Mapping[Entity, str]
    places: tuple[OpenPlace, ...]

    def within(self, named: Collection[str]) -> list[Creation]:
        """What is created, each in its place. Raises ``UsageRefused`` where one is not said, or
        another is."""
        known = {text for one in self.places for pair in one.offered for text in pair}
        if wrong := [one for one in named if one not in known]:
            raise UsageRefused(f"nothing is created in {wrong[0]!r}; no place is called that")
        found = {entity: (place, place) for entity, place in self.given.items()}
        found |= {one.entity: one.chosen(named) for one in self.places}
        return [Creation(one, *found[one.entity]) for one in self.missing]


def asked_creations(
    ledger: Ledger, client: Administrate, typed: Sequence[str], environ: Mapping[str, str]
) -> AskedCreations:
    """The records of a person's input, each once. Raises ``UsageRefused`` where one is not missing
    in Administrate, or cannot be created."""
    with ledger.database.driver_transaction() as connection:
        records = [find_record(connection, one).record for one in dict.fromkeys(typed)]
        known = _missing(connection, records)
    missing = tuple(_creatable(one, known.get(one)) for one in dict.fromkeys(records))
    set_ = {one: set_in(environ, one) for one in dict.fromkeys(each.entity for each in missing)}
    places = [
        OpenPlace(one, CREATIONS[one.name].place, tuple(places_for(client, one)))
        for one, given in set_.items()
        if given is None
    ]
    given = {one: place for one, place in set_.items() if place is not None}
    return AskedCreations(missing, given, tuple(places))


def _missing(
    connection: psycopg.Connection[Any], records: Sequence[str]
) -> dict[str, MissingRecord]:
    """The missing records of the entities that these are of, by name."""
    tables = {one.rpartition("/")[0] for one in records}
    of = [one for one in MATCHED if one.matched.table in tables]
    synced = synced_entities(connection)
    for entity in of:
        if entity not in synced:
            raise UsageRefused(f"{entity.title} were never synced: admsync sync {entity.name}")
    found = {entity: open_discrepancies(connection, entity) for entity in of}
    return {one.record: one for one in missing_records(found, CREATIONS)}


def _creatable(record: str, found: MissingRecord | None) -> MissingRecord:
    if found is None:
        raise UsageRefused(
            f"{record} is no record that only the tutorial tables have and that is undecided; see:"
            " admsync discrepancies"
        )
    if not found.creatable:
        raise UsageRefused(
            f"{found.entity.title} cannot be created through the API; enter {found.label!r} by"
            " hand in Administrate"
        )
    return found


def creations_to_keep(creations: Sequence[Creation]) -> KeptPlan:
    """The plan as it is kept in a file."""
    return KeptPlan(
        "discrepancies create",
        {"records": [one.missing.record for one in creations]},
        {
            one.missing.record: {
                "label": one.missing.label,
                "within": one.needed,
                "like": [each.record for each in one.missing.offered],
            }
            for one in creations
        },
    )
