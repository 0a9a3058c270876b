"""Somebody agrees to create whatever Administrate lacks, without being asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.discrepancies.current import open_discrepancies
from sync.entities import BY_NAME
from sync.missing.answers import missing_records
from sync.missing.create import CREATIONS, ToCreate, new_creation, places_for
from sync.reports.sync_report import JsonReport
from sync.run import SyncRun


@contextmanager
def creating_all(ledger: Ledger, client: Administrate, *names: str) -> Iterator[SyncRun]:
    """The run that creates all that is missing of these entities, in the first place there is."""
    with ledger.database.driver_transaction() as connection:
        found = {BY_NAME[name]: open_discrepancies(connection, BY_NAME[name]) for name in names}
    agreed = []
    for one in missing_records(found, CREATIONS):
        place = CREATIONS[one.entity.name].place
        needed = places_for(client, one.entity)[0][0] if place else ""
        agreed.append(ToCreate(one.entity, one.record, needed))
    with new_creation(ledger, client, agreed, JsonReport()) as under_way:
        yield under_way
