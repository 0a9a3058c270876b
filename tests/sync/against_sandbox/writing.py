"""Runs that write to a sandbox through the ledger, and go on where they stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from ledger.errors import StoppedResumably
from ledger.events import Event
from ledger.runs.run import Run, new_run, resumed_run
from ledger.runs.states import run_states, run_to_resume
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from sync.administrate.client import Administrate
from sync.administrate.writes.declaration import WriteRequest
from sync.writing.slots import WriteOutcome
from sync.writing.writer import Writer

ABOUT = "acted.tutorial_events/1"


def write(run: Run, client: Administrate, request: WriteRequest) -> WriteOutcome:
    return Writer.of(run, client).write(request, about=ABOUT, slot="the change")


def write_in_a_run(
    ledger: Ledger, client: Administrate, request: WriteRequest
) -> WriteOutcome | None:
    """What became of the change; None where the run stopped at it."""
    try:
        with new_run(ledger, "import-events") as run:
            return write(run, client, request)
    except StoppedResumably:
        return None


def resume(ledger: Ledger, client: Administrate, request: WriteRequest) -> WriteOutcome:
    """What becomes of the change when the newest run that stopped goes on."""
    with resumed_run(ledger, run_to_resume(ledger.database, None).run_id) as run:
        return write(run, client, request)


def insist(
    ledger: Ledger,
    client: Administrate,
    request: WriteRequest,
    meanwhile: Callable[[], None],
) -> WriteOutcome:
    """The change, its run resumed once where it stopped; ``meanwhile`` runs before the resume."""
    settled = write_in_a_run(ledger, client, request)
    meanwhile()
    return settled or resume(ledger, client, request)


def open_writes(ledger: Ledger) -> list[dict[str, Any]]:
    """The writes of the newest run whose outcome nobody knows, oldest first."""
    [newest] = run_states(ledger.database, limit=1)
    query = text("SELECT state, ids FROM ledger.open_writes WHERE run_id = :run ORDER BY position")
    with ledger.database.transaction() as connection:
        found = connection.execute(query, {"run": newest.run_id})
        return [dict(row) for row in found.mappings()]


def last_event_of_writing(ledger: Ledger) -> Event:
    """The newest event that is a step of a write."""
    names = ["WriteRequested", "WriteAnswered", "WriteUnanswered", "WriteAdopted", "WriteDisputed"]
    return next(ledger.read(Selection(types=names), backwards=True)).event
