"""A run rolled back in both systems, after a rehearsal that shows what goes and what stays."""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager, nullcontext

from importer.pages.access import Role
from importer.pages.page import Action, Asked, GoTo, Page, View
from importer.pages.runs import summary
from importer.pages.started import begin
from ledger.rollback.execute import check_can_roll_back, check_can_roll_back_one_event
from ledger.rollback.one_event import event_named
from ledger.rollback.parts import RowRollback
from ledger.runs.states import RunState, find_run
from sync.administrate.client import Administrate
from sync.connection import opened_administrate
from sync.rollback.administrate_side import plan_rollback

_LISTED = 500


def rehearsal(asked: Asked) -> Page:
    """What a rollback of a run, or of one event of it, would do now. Nothing is written."""
    target, only = find_run(asked.site.database, asked.path["run"]), asked.given("only")
    check_can_roll_back(target)
    event = event_named(asked.site.database, only) if only else None
    if event is not None:
        check_can_roll_back_one_event(target)
    with _administrate_of(asked, target) as client:
        plan = plan_rollback(asked.ledger, client, target.run_id, event).plan
    counts = Counter((_system(one.row.table), one.done) for one in plan.rollbacks)
    content = {
        "run": summary(target),
        "only": only,
        "counts": [
            {"system": system, "what": what, "count": count}
            for (system, what), count in counts.items()
        ],
        "rows": [_told(one) for one in plan.rollbacks[:_LISTED]],
        "row_count": len(plan.rollbacks),
        "fields": [{"record": one.record, "fields": list(one.names)} for one in plan.fields],
        "kept": plan.kept,
        "irreversible": plan.impossible,
    }
    return Page("rollback", f"Roll back {target.command}", content)


def roll_back(asked: Asked) -> GoTo:
    """Rolls back in a process of its own, for a reason."""
    target = find_run(asked.site.database, asked.path["run"])
    check_can_roll_back(target)
    only = "".join(asked.ticked("only")[:1]).strip()
    part = (f"--only={only}",) if only else ()
    reason = f"--reason={asked.typed('reason')}"
    return begin(asked, "rollback", str(target.run_id), "--yes", reason, *part)


def _administrate_of(asked: Asked, target: RunState) -> AbstractContextManager[Administrate | None]:
    if not target.kind.in_administrate:
        return nullcontext()
    return opened_administrate(asked.site.database, asked.site.environ)


def _system(table: str) -> str:
    return "Administrate and its bridge row" if table.startswith("adm.") else "Tutorial tables"


def _told(one: RowRollback) -> dict[str, object]:
    before, after = one.before or {}, one.after or {}
    return {
        "record": one.record,
        "system": _system(one.row.table),
        "what": one.done,
        "changes": [
            {"column": name, "before": before.get(name), "after": after.get(name)}
            for name in one.changed
        ],
    }


VIEWS = (View("/runs/{run}/rollback", rehearsal),)
ACTIONS = (Action("/runs/{run}/rollback", roll_back, Role.OPERATOR),)
