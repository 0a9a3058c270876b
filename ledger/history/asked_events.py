"""Which events of a run or a record a person asks for: those that change something, those that
failed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any
from uuid import UUID

import psycopg

from ledger import events as e
from ledger.errors import UsageRefused

# What alters a record, a link or what is decided about them. Left out is what fetches, plans, asks,
# compares and confirms.
CHANGING = [
    kind.__name__
    for kind in (
        *(e.BridgeRowAdopted, e.BridgeRowEdited, e.BridgeRowMerged, e.BridgeRowRestored),
        *(e.DecisionTaken, e.DecisionWithdrawn, e.FieldDecided, e.MatchDecided, e.PersonErased),
        *(e.RecordChanged, e.RecordGone, e.RecordIdentified, e.RecordObserved, e.RecordReturned),
        *(e.RecordVanished, e.SessionInstructorsChanged, e.TutorialEventCreated),
        *(e.TutorialRecordCarriedOver, e.TutorialRecordChanged, e.TutorialRecordDeleted),
        *(e.TutorialRecordEdited, e.TutorialRecordRemoved, e.TutorialSessionCreated),
        e.TutorialSessionFound,
    )
]
# What went wrong; beside it, writes that Administrate answered otherwise than by doing them.
FAILING = [
    kind.__name__
    for kind in (
        *(e.EventLeftOut, e.FetchFailed, e.RowRefused, e.RunFailed, e.RunInterrupted),
        *(e.WriteAbandoned, e.WriteDisputed, e.WriteUnanswered),
    )
]


def types_named(typed: tuple[str, ...]) -> list[str] | None:
    """The types of events of these names, whatever their case; None where none is named.

    Raises ``UsageRefused`` where there is no such type.
    """
    known = {name.casefold(): name for name in e.CATALOGUE.classes}
    for one in typed:
        if one.casefold() not in known:
            near = [known[name] for name in get_close_matches(one.casefold(), known)]
            meant = f"did you mean {' or '.join(near)}?" if near else "admsync show lists a run's"
            raise UsageRefused(f"no event is of the type {one!r}; {meant}")
    return [known[one.casefold()] for one in typed] or None


def numbers_of(connection: psycopg.Connection[Any], run_id: UUID) -> dict[str, int]:
    """How many events of each type a run has, in the order in which it first has one."""
    rows = connection.execute(
        "SELECT type, count(*) FROM ledger.events WHERE run_id = %s GROUP BY type"
        " ORDER BY min(position)",
        (run_id,),
    )
    return dict(rows.fetchall())
