"""A planned rollback as a person judges it, with people and templates by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ledger.database.connection import Database
from ledger.history.display_names import Called
from ledger.output.plans import ShownPlan
from ledger.runs.states import RunState
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.connection import opened_administrate
from sync.rollback.administrate_side import PlannedRollback, approvals_of
from sync.rollback.shown import shown_plan


@contextmanager
def administrate_for(
    database: Database, target: RunState, environ: Mapping[str, str] | None = None
) -> Iterator[Administrate | None]:
    """The Administrate client, where the run wrote anything there; a sync is rolled back without
    it."""
    if not target.kind.in_administrate:
        yield None
        return
    with opened_administrate(database, environ) as client:
        yield client


def judged(ledger: Ledger, found: PlannedRollback, target: RunState) -> ShownPlan:
    """The plan in the form in which every one is shown."""
    approved = approvals_of(ledger, target.run_id)
    with ledger.database.driver_transaction() as connection:
        called = Called(connection)
        called.learn([*approved, *(person for people in approved.values() for person in people)])
        return shown_plan(found, target, approved, called.name_of)
