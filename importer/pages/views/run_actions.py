"""What is done to a run: a sync begun, a stopped run gone on with or set aside."""

from __future__ import annotations

from importer.pages.access import Role
from importer.pages.addresses import run_address
from importer.pages.page import Action, Asked, GoTo
from importer.pages.views.started import begin
from ledger.runs.set_aside import set_aside as end
from ledger.runs.states import find_run, run_to_resume


def resume(asked: Asked) -> GoTo:
    """Goes on with a stopped run, in a process of its own."""
    state = run_to_resume(asked.site.database, asked.path["run"])
    return begin(asked, "resume", str(state.run_id), "--no-prompt")


def set_aside(asked: Asked) -> GoTo:
    """Ends a stopped run that nobody goes on with."""
    state = find_run(asked.site.database, asked.path["run"])
    end(asked.ledger, state, asked.typed("reason"))
    return GoTo(run_address(state.run_id))


def sync(asked: Asked) -> GoTo:
    """Syncs everything now, in a process of its own; nothing is created in Administrate."""
    return begin(asked, "sync", "all", "--no-prompt")


ACTIONS = (
    Action("/sync", sync, Role.OPERATOR),
    Action("/runs/{run}/resume", resume, Role.OPERATOR),
    Action("/runs/{run}/set-aside", set_aside, Role.OPERATOR),
)
