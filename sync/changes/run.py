"""Carries a planned change out, event by event: Administrate first, then the tutorial rows.

The plan is in the ledger with the run's start. Each write is requested, sent and answered as those
of an import; what it set is then what both sides agree on. A stopped run goes on with the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias, cast
from uuid import UUID

from attrs import define, field

from ledger.errors import StoppedResumably
from ledger.events import ChangePlanned
from ledger.runs.kinds import CHANGE
from ledger.runs.run import Run, new_run, resumed_run
from ledger.runs.states import RunState
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.values import Fields
from ledger.zones import zone_or_default
from sync.administrate.client import Administrate
from sync.changes.event import ChangeOutcome, EventChanger
from sync.changes.plan import ChangePlan, EventChange
from sync.changes.requests import Labels, request_for
from sync.events.labels import read_labels
from sync.writing import several_events
from sync.writing.writer import Writer

WORKERS = 4
# The word of a change that sends what the web application has changed.
PUSH = "push"


class ChangeStopped(StoppedResumably):
    """Some events are not finished; resuming continues with these."""


Reporter: TypeAlias = several_events.Reporter[ChangeOutcome]


@define
class ChangeRun:
    """A change in progress: the run, the client, and its plan by event."""

    run: Run
    client: Administrate
    reporter: Reporter
    planned: Mapping[str, Sequence[ChangePlanned]]
    agreed_as: str
    outcomes: list[ChangeOutcome] = field(factory=list)

    def make_all(self) -> None:
        """Changes every event; a failed one does not stop the others.

        Raises ``ChangeStopped`` at the end where any is unfinished; what Administrate refuses is
        done with, and told.
        """
        with several_events.staying_resumable(ChangeStopped):
            self._make_all()

    def _make_all(self) -> None:
        self.run.step = "events"
        writer = Writer.of(self.run, self.client)
        changer = EventChanger.of(self.run, writer, self.agreed_as, self.planned)
        self.reporter.began(len(self.planned))
        try:
            with self.client.at_most(WORKERS):
                for outcome in self._changed(changer):
                    self.outcomes.append(outcome)
                    self.reporter.finished(outcome)
        finally:
            self.reporter.ended()
            self._count()
        stopped = [one for one in self.outcomes if one.stopped is not None or not one.tried]
        if stopped:
            first = next((one for one in stopped if one.stopped is not None), stopped[0])
            why = f": {first.event}: {first.stopped}" if first.stopped else ""
            raise ChangeStopped(
                f"{len(stopped)} of {len(self.planned)} events are not finished{why}"
            )

    def _changed(self, changer: EventChanger) -> Iterator[ChangeOutcome]:
        return several_events.outcomes_of(
            list(self.planned),
            lambda event: changer.change(event, self.planned[event]),
            lambda event: ChangeOutcome(event, tried=False),
            self.run.stop,
            WORKERS,
        )

    def _count(self) -> None:
        done = sum(one.done for one in self.outcomes)
        self.run.counts = {"events": done, "unfinished": len(self.planned) - done}
        self.run.refused = sum(bool(one.refused) for one in self.outcomes)


@contextmanager
def new_change(
    ledger: Ledger,
    client: Administrate,
    words: Sequence[str],
    options: Fields,
    plan: ChangePlan,
    reporter: Reporter,
) -> Iterator[ChangeRun]:
    """A new change with its plan, recorded with its start; no sync of events works meanwhile.

    ``words`` are the command's, such as *publish*.
    """
    with ledger.database.driver_transaction() as connection:
        labels = read_labels(connection)
    planned = [event for change in plan.changes for event in _planned(change, labels)]
    given = {**options, "entities": ["events", "sessions"]}
    with new_run(
        ledger, CHANGE.command(*words), given, holds=CHANGE.holds(given), given=planned
    ) as run:
        yield ChangeRun(run, client, reporter, _by_event(planned), _agreed_as(words[0]))


@contextmanager
def resumed_change(
    ledger: Ledger, client: Administrate, state: RunState, reporter: Reporter
) -> Iterator[ChangeRun]:
    """A stopped change, ready to go on with what is left of its plan."""
    with resumed_run(ledger, state.run_id, holds=CHANGE.holds(state.options)) as run:
        planned = planned_changes(ledger, state.run_id)
        how = _agreed_as(state.command.split()[1])
        yield ChangeRun(run, client, reporter, _by_event(planned), how)


def _agreed_as(word: str) -> str:
    return "pushed" if word == PUSH else "command"


def planned_changes(ledger: Ledger, run_id: UUID) -> list[ChangePlanned]:
    """The plan of a run, as the ledger has it."""
    selection = Selection(run_id=run_id, types=[ChangePlanned.__name__])
    return [cast("ChangePlanned", one.event) for one in ledger.read(selection)]


def _by_event(planned: Sequence[ChangePlanned]) -> Mapping[str, Sequence[ChangePlanned]]:
    found: dict[str, list[ChangePlanned]] = defaultdict(list)
    for one in planned:
        found[one.event].append(one)
    return found


def _planned(change: EventChange, labels: Labels) -> Iterator[ChangePlanned]:
    zone = zone_or_default(change.event.timezone)
    for one in change.records:
        request = request_for(one, zone, labels)
        yield ChangePlanned(
            table=one.table,
            key=one.key,
            row_id=one.row_id,
            event=change.event.record,
            tutorial=one.tutorial,
            operation=request.operation,
            input=dict(request.variables),
            wanted=dict(one.wanted),
            before=dict(one.before),
            administrate=dict(one.administrate),
        )
