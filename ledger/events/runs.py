"""Runs: a command that changes something, from its start to how it ended."""

from __future__ import annotations

from attrs import field, frozen

from ledger.events.base import Event
from ledger.values import Fields


@frozen(kw_only=True)
class RunStarted(Event):
    """A command began. ``options`` are as given, without secrets; ``software`` is the version."""

    command: str
    options: Fields = field(factory=dict)
    software: str


@frozen(kw_only=True)
class RunInterrupted(Event):
    """The run stopped where ``admsync resume`` can go on: at which step, and why."""

    step: str
    reason: str


@frozen(kw_only=True)
class RunResumed(Event):
    """A stopped run goes on, perhaps by another version of the program."""

    software: str


@frozen(kw_only=True)
class RunCompleted(Event):
    """The run came to its end. ``counts`` says what it did, by name."""

    counts: Fields = field(factory=dict)
    refused: int = 0


@frozen(kw_only=True)
class RunFailed(Event):
    """The run ended where nothing can go on from; the reason is what the person was told."""

    reason: str


@frozen(kw_only=True)
class RunRolledBack(Event):
    """Another run was undone by this one, for the reason a person gave."""

    rolled_back: str
    reason: str


@frozen(kw_only=True)
class ProjectionsMended(Event):
    """Rows that stood otherwise than the ledger says were set right, by table."""

    rows: Fields
