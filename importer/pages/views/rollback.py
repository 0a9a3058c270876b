"""A run rolled back in both systems, after a rehearsal that shows what goes and what stays."""

from __future__ import annotations

from importer.pages.access import Role
from importer.pages.page import Action, Asked, GoTo, Page, View
from importer.pages.views.runs import summary
from importer.pages.views.started import begin
from ledger.output.plans import plan_document
from ledger.rollback.execute import check_can_roll_back, check_can_roll_back_one_event, event_named
from ledger.runs.states import find_run
from sync.rollback.administrate_side import plan_rollback
from sync.rollback.judged import administrate_for, judged


def rehearsal(asked: Asked) -> Page:
    """What a rollback of a run, or of one event of it, would do now. Nothing is written."""
    target, only = find_run(asked.site.database, asked.path["run"]), asked.given("only")
    check_can_roll_back(target)
    event = event_named(asked.site.database, only) if only else None
    if event is not None:
        check_can_roll_back_one_event(target)
    database, environ = asked.site.database, asked.site.environ
    with administrate_for(database, target, environ) as client:
        found = plan_rollback(asked.ledger, client, target.run_id, event)
    content = {
        "run": summary(target),
        "only": only,
        "plan": plan_document(judged(asked.ledger, found, target)),
        "can_roll_back": bool(found.plan.rollbacks or found.plan.fields or found.plan.values),
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


VIEWS = (View("/runs/{run}/rollback", rehearsal),)
ACTIONS = (Action("/runs/{run}/rollback", roll_back, Role.OPERATOR),)
