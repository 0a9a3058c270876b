"""The kinds of runs: what each holds, whether it is resumed, whether and how it is rolled back.

A run's command is recorded as it was typed: a kind's name, and what follows it (``sync venues``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from attrs import evolve, frozen

from ledger.events import (
    CreationsAgreed,
    DecisionTaken,
    DecisionWithdrawn,
    Event,
    FieldDecided,
    PersonErased,
    ProjectionsMended,
    RunSetAside,
    RunStarted,
)

Options: TypeAlias = Mapping[str, Any]


def _nothing(_options: Options) -> tuple[str, ...]:
    return ()


def _entities(options: Options) -> tuple[str, ...]:
    return tuple(f"entity/{name}" for name in options.get("entities") or ())


def _people(_options: Options) -> tuple[str, ...]:
    # A running sync could record the person's values again after their erasure.
    return ("entity/instructors",)


def _run(options: Options) -> tuple[str, ...]:
    run = options.get("run")
    return (f"run/{run}",) if run else ()


def _workbook(options: Options) -> tuple[str, ...]:
    digest = options.get("digest")
    return (f"workbook/{digest}",) if digest else ()


@frozen
class RunKind:
    """What the runs of a command have in common.

    ``resumable``: one that stopped goes on where it stopped; any other is done whole or not at all.
    ``holds`` gives, by a run's options, what no other run may work on meanwhile. ``kept`` is why a
    rollback refuses the run, and what to do instead; empty where it can be rolled back.
    ``work`` are the events of which a run that is not resumable appends any only with all its work.
    ``supersedes``: done, it has done all that an earlier one left open of what it holds, but what
    an option of ``wider`` adds, one of ``narrower`` leaves out, or a person agreed to in an event
    of ``agreements`` of that run.
    ``in_administrate``: it writes there, which a rollback has to take back.
    """

    name: str
    resumable: bool = False
    holds: Callable[[Options], tuple[str, ...]] = _nothing
    kept: str = ""
    work: tuple[type[Event], ...] = ()
    supersedes: bool = False
    wider: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    agreements: tuple[type[Event], ...] = ()
    in_administrate: bool = False

    def command(self, *words: str) -> str:
        """The command of a run of this kind, as it is recorded."""
        return " ".join((self.name, *words))

    def does_all_of(self, done: Options, left: Options) -> bool:
        """Whether a run that was done with these options did all that one left with those would."""
        names = self.holds(left)
        return (
            self.supersedes
            and bool(names)
            and set(self.holds(done)).issuperset(names)
            and all(done.get(name) or not left.get(name) for name in self.wider)
            and all(done.get(name) in (None, left.get(name)) for name in self.narrower)
        )


SYNC = RunKind(
    "sync",
    resumable=True,
    holds=_entities,
    supersedes=True,
    wider=("every", "allow_deletes"),
    agreements=(CreationsAgreed,),
)
IMPORT = RunKind("import-events", resumable=True, holds=_workbook, in_administrate=True)
# Beside these, a rollback holds what its target does.
ROLLBACK = RunKind(
    "rollback",
    resumable=True,
    holds=_run,
    kept="to reverse a rollback, run again what it rolled back",
    supersedes=True,
    narrower=("only",),
)
SET_ASIDE = RunKind(
    "set-aside", holds=_run, kept="run again what it set aside", work=(RunSetAside,)
)
DECISION = RunKind(
    "discrepancies",
    holds=_entities,
    kept="take a decision back with: admsync discrepancies withdraw",
    work=(DecisionTaken, DecisionWithdrawn),
)
# Changes of events and sessions in Administrate, and of their tutorial rows.
CHANGE = RunKind(
    "events",
    resumable=True,
    holds=_entities,
    in_administrate=True,
)
SETTLEMENT = RunKind("settle", holds=_entities, work=(FieldDecided,))
PRODUCT = RunKind(
    "choose-product",
    kept="take the choice back with: admsync choose-product --withdraw",
    work=(DecisionTaken, DecisionWithdrawn),
)
ERASURE = RunKind(
    "erase", holds=_people, kept="what was erased is gone for good", work=(PersonErased,)
)
REPLAY = RunKind(
    "replay",
    kept="it set rows to what the ledger says; nothing is to be rolled back",
    work=(ProjectionsMended,),
)
MIGRATION = RunKind(
    "migrate",
    kept="what it took over stays; roll back what was done since, run by run",
    work=(RunStarted,),  # in one transaction with all the rest
)
KINDS = (
    SYNC,
    IMPORT,
    ROLLBACK,
    SET_ASIDE,
    DECISION,
    CHANGE,
    SETTLEMENT,
    PRODUCT,
    ERASURE,
    REPLAY,
    MIGRATION,
)
_BY_NAME = {kind.name: kind for kind in KINDS}
_UNKNOWN = RunKind(
    "",
    kept="this version of admsync does not know such runs: if a later one made it, upgrade admsync;"
    " otherwise the program that made it has to reverse it",
)


def kind_of(command: str) -> RunKind:
    """The kind of the run that has this command; one of a later version, or of another program, is
    neither resumed nor rolled back."""
    name = command.partition(" ")[0]
    return _BY_NAME.get(name) or evolve(_UNKNOWN, name=name)
