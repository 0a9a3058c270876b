"""Builders: syncs and rollbacks of the company, and its tables as values to compare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ledger.rollback.changes import STAMPS
from ledger.rollback.parts import RollbackPlan
from ledger.runs.states import RunState, find_run, run_states
from ledger.schema import acted, adm
from ledger.schema.declared import Table
from sync.reports.sync_report import JsonReport
from sync.rollback.administrate_side import plan_rollback
from sync.rollback.run import Rollback, new_rollback
from sync.run import SyncOptions, new_sync
from sync.sandbox.records.kinds import KINDS
from tests.importer.company import Company

# Of a course template, once an import has approved instructors for it.
_STAYS = {"approvedInstructorIds", "updatedAt"}
# Every row by table and primary key, without the stamps of when it was last touched.
Tables = dict[tuple[str, Any], dict[str, Any]]


def synced(company: Company, *entities: str) -> UUID:
    """A sync of these entities, whatever would vanish; its run."""
    options = SyncOptions(entities, allow_deletes=True)
    with (
        company.administrate() as client,
        new_sync(company.ledger, client, "sync", options, JsonReport()) as under_way,
    ):
        under_way.take_all()
        return under_way.run.run_id


def rehearsed(company: Company, run_id: UUID) -> RollbackPlan:
    """What a rollback would do."""
    with company.administrate() as client:
        return plan_rollback(company.ledger, client, run_id).plan


def rolled_back(company: Company, run_id: UUID, shown: RollbackPlan | None = None) -> Rollback:
    """A rollback to its end."""
    target = find_run(company.database, str(run_id))
    with (
        company.administrate() as client,
        new_rollback(company.ledger, client, target, "it was wrong") as under_way,
    ):
        under_way.carry_out(shown)
    return under_way


def last_run(company: Company) -> RunState:
    return run_states(company.database)[0]


def tables(company: Company, chosen: Iterable[Table] = (*adm.TABLES, *acted.MADE)) -> Tables:
    """The rows of the tables, those that a rollback speaks of."""
    found: Tables = {}
    for table in chosen:
        for row in company.rows(table):
            values = dict(zip(table.names, row, strict=True))
            key = (table.fullname, values["id"])
            found[key] = {n: value for n, value in values.items() if n not in STAMPS}
    return found


def discrepancies(company: Company) -> set[str]:
    """What is open between the two sides, and why."""
    with company.database.driver_transaction() as connection:
        rows = connection.execute(
            "SELECT record, outcome, reason, candidates FROM ledger.discrepancies"
        )
        return {str(row) for row in rows}


def both_sides(company: Company) -> tuple[Any, ...]:
    """All that stands on either side, but for what the plan of a rollback says that it stays."""
    remote = {
        kind: [
            {name: value for name, value in one.items() if name not in _STAYS}
            for one in company.control.dump(kind)
        ]
        for kind in KINDS
    }
    return remote, tables(company, (*adm.TABLES, *acted.TABLES)), discrepancies(company)


def as_planned(before: Tables, plan: RollbackPlan) -> Tables:
    """The tables as they are to be once a plan is carried out."""
    after = dict(before)
    for rollback in plan.rollbacks:
        key = (rollback.row.table, rollback.row.id)
        after.pop(key, None)
        if rollback.after is not None:
            after[key] = {n: value for n, value in rollback.after.items() if n not in STAMPS}
    return after
