"""Runs: a command that changes something, from its start to how it ended."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import Event
from ledger.values import Fields

# The states of a run that nothing goes on from.
ENDED = ("done", "failed", "undone", "set aside")


@frozen(kw_only=True)
class RunStarted(Event):
    """A run started. ``options`` are as given, without secrets; ``software`` is the version."""

    command: str
    options: Fields = field(factory=dict)
    software: str


@frozen(kw_only=True)
class RunInterrupted(Event):
    """The run stopped where ``admsync resume`` can continue: the step, and the reason."""

    step: str
    reason: str


@frozen(kw_only=True)
class RunResumed(Event):
    """A stopped run continues, perhaps under another version of the program."""

    software: str


@frozen(kw_only=True)
class RunCompleted(Event):
    """The run completed. ``counts`` are its results, by name."""

    counts: Fields = field(factory=dict)
    refused: int = 0


@frozen(kw_only=True)
class RunFailed(Event):
    """The run failed and cannot be resumed; the reason is the message to the person."""

    reason: str


@frozen(kw_only=True)
class RunRolledBack(Event):
    """Another run was rolled back by this one, for a person's reason."""

    rolled_back: str
    reason: str


@frozen(kw_only=True)
class EventOfRunRolledBack(Event):
    """What another run did to one event of the timetable, its sessions included, was rolled back by
    this one, for a person's reason; the rest of that run stands.

    ``event`` is the record: ``acted.tutorial_events/17``.
    """

    rolled_back: str
    event: str
    reason: str

    def others(self) -> tuple[str, ...]:
        return (self.event,)


@frozen(kw_only=True)
class RunSetAside(Event):
    """A stopped run is not to be resumed: a person says why, or a later run did all of its work.

    What it did stays, and its writes with unknown outcome stay so.
    """

    set_aside: str
    reason: str


@frozen(kw_only=True)
class ProjectionsMended(Event):
    """Rows that differed from the ledger were corrected, by table."""

    rows: Fields
