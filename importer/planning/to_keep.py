"""The plan of an import as it is kept in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from importer.planning.event_in_progress import as_fields
from importer.planning.plan import ImportPlan
from importer.planning.prepare import PreparedImport
from ledger.runs.kept_plan import KeptPlan
from ledger.runs.kinds import IMPORT


def plan_to_keep(prepared: PreparedImport, *, approve: bool = True) -> KeptPlan:
    """The plan of a prepared import, which ``approve`` lets approve instructors."""
    about = {
        "file": prepared.file.name,
        "digest": prepared.file.digest,
        "without approvals": not approve,
    }
    return KeptPlan(IMPORT.name, about, _entries(prepared.plan))


def _entries(plan: ImportPlan) -> Mapping[str, Any]:
    """Everything that the plan decides, by what it is about."""
    return {
        **{f"row {one.row} {one.title!r}": as_fields(one) for one in plan.events},
        **{f"row {one.rows[0]} {one.title!r}": f"skipped, {one.twin}" for one in plan.skipped},
        **{
            f"row {row.row} {one.title!r}": [*map(str, row.errors), row.note]
            for one in plan.refused
            for row in one.rows
        },
        **{f"approvals for {one.template_code}": list(one.people) for one in plan.approvals},
    }
