"""Builders: events of the company changed, and a change that stopped gone on with."""

from __future__ import annotations

from datetime import UTC, datetime

from ledger.runs.states import run_to_resume
from sync.administrate.recorder import Recorder
from sync.changes.chosen import Chosen, read_linked_events
from sync.changes.event import ChangeOutcome
from sync.changes.operations import publish, set_flag
from sync.changes.reading import read_as_they_are
from sync.changes.run import ChangeRun, new_change, resumed_change
from tests.importer.company import Company


class Silent:
    """Reports nothing."""

    def began(self, events: int) -> None:
        pass

    def finished(self, outcome: ChangeOutcome) -> None:
        pass

    def ended(self) -> None:
        pass


def changed(company: Company, word: str, recorder: Recorder | None = None) -> ChangeRun:
    """Every linked event published (*publish*) or marked as sold out (*sold-out*)."""
    with company.administrate(recorder) as client:
        events = read_linked_events(company.database, Chosen())
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
