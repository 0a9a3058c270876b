"""Builders: events of the company to change, changed, and a change that stopped gone on with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ledger.runs.states import run_to_resume
from sync.administrate.recorder import Recorder
from sync.changes.chosen import Chosen, read_linked_events
from sync.changes.event import ChangeOutcome
from sync.changes.operations import publish, set_flag
from sync.changes.reading import read_as_they_are
from sync.changes.run import ChangeRun, new_change, resumed_change
from tests.importer.company import Company
from tests.importer.imported_events import (
    changes,
    ids,
    imported,
    listed,
    proven,
    sessions_of,
    synced,
)


def imported_far_ahead(company: Company, folder: Path) -> Company:
    """Three imported events, their sessions years ahead, synced."""
    imported(company, folder)
    for event in ids(company):
        for number, session in enumerate(sessions_of(company, event), start=1):
            day = f"2099-03-{number:02}"
            company.control.edit(session, start=f"{day}T10:00:00", end=f"{day}T16:00:00")
    synced(company)
    company.control.forget()
    return company


def assert_in_step(company: Company) -> None:
    """A sync finds nothing, nothing is out of step, and the tables are as the ledger says."""
    for step in changes(synced(company)).values():
        assert step.keys() <= {"unchanged"}, step
    assert listed(company) == {}
    proven(company)


class Silent:
    """Reports nothing."""

    def began(self, events: int) -> None:
        pass

    def finished(self, outcome: ChangeOutcome) -> None:
        pass

    def ended(self) -> None:
        pass


def changed(company: Company, word: str, recorder: Recorder | None = None) -> None:
    """Every linked event published (*publish*), marked as sold out (*sold-out*) or synced
    (*sync*)."""
    if word == "sync":
        synced(company, recorder=recorder)
        return
    events_changed(company, word, Chosen(), recorder)


def events_changed(
    company: Company, word: str, chosen: Chosen, recorder: Recorder | None = None
) -> ChangeRun:
    """The run that published chosen events, or marked them as sold out."""
    with company.administrate(recorder) as client:
        events = read_linked_events(company.database, chosen)
        there = read_as_they_are(company.database, client, events)
        plan = (
            publish(there, datetime.now(UTC))
            if word == "publish"
            else set_flag(there, "sold_out", "sold out", on=True)
        )
        with new_change(company.ledger, client, [word], {}, plan, Silent()) as run:
            run.make_all()
    return run


def gone_on_with(company: Company) -> ChangeRun:
    """The change that stopped, to its end. Raises ``UsageRefused`` where none did."""
    state = run_to_resume(company.database, None)
    with (
        company.administrate() as client,
        resumed_change(company.ledger, client, state, Silent()) as run,
    ):
        run.make_all()
    return run
