"""A command that a page started: what it said, and the run that it began."""

from __future__ import annotations

from collections.abc import Sequence

from importer.pages.kept import commands
from importer.pages.page import Asked, GoTo, Page, View
from importer.pages.views.runs import summary
from ledger.runs.states import find_run
from sync.run_progress import progress_of


def begin(asked: Asked, *words: str) -> GoTo:
    """Starts a command in the name of who asks, and shows it."""
    name = commands.start(asked.site.environ, asked.ledger.actor, words)
    return GoTo(f"/commands/{name}")


def command(asked: Asked) -> Page:
    """The command and, once it has begun, its run."""
    found = commands.started_command(asked.site.environ, asked.path["command"])
    run = None if found.run_id is None else find_run(asked.site.database, found.run_id)
    content = {
        "id": found.id,
        "words": found.words,
        "actor": found.actor,
        "started_at": found.started_at,
        "running": found.running,
        "code": found.code,
        "ended_well": found.ended_well,
        "run": run and summary(run),
        "progress": run and progress_of(asked.ledger, run),
        "said": found.said.splitlines(),
    }
    return Page("command", _title(found.words), content)


def _title(words: Sequence[str]) -> str:
    return f"admsync {words[0]}"


VIEWS = (View("/commands/{command}", command, part="command_part"),)
