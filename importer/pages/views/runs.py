"""Runs: what ran, newest first; one run with its steps and events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg

from importer.pages.addresses import run_address, with_query
from importer.pages.page import Asked, Page, View
from importer.pages.views.timeline import told
from ledger.history.record_history import steps
from ledger.output.words import counts_in_words
from ledger.runs.kinds import IMPORT, KINDS
from ledger.runs.states import RunState, find_run, states_in
from ledger.store.read import Selection
from sync.run_progress import progress_of

RUNS_A_PAGE = 50
EVENTS_A_PAGE = 100
# What went wrong, or was left out.
FAILURES = (
    "FetchFailed",
    "RowRefused",
    "EventLeftOut",
    "WriteUnanswered",
    "WriteDisputed",
    "WriteAbandoned",
    "TutorialRecordLeft",
    "RunInterrupted",
    "RunFailed",
)


def summary(state: RunState) -> dict[str, object]:
    """A run as lists show it."""
    return {
        "run_id": str(state.run_id),
        "command": state.command,
        "state": state.state,
        "reason": state.reason,
        "actor": state.actor,
        "started_at": state.started_at,
        "ended_at": state.ended_at,
        "seconds": state.seconds,
        "workbook": state.workbook,
        "counts": state.counts,
        "done": counts_in_words(some) if (some := _not_none(state.counts)) else "",
        "refused": state.refused,
        "open_writes": state.open_writes,
        "software": state.software,
        "first_position": state.first_position,
        "has_workbook": state.kind is IMPORT,
        "has_receipt": bool(state.options.get("report")),
        "can_resume": state.state == "stopped" and state.kind.resumable,
        "can_roll_back": not state.kind.kept and state.state not in ("running", "undone"),
    }


def _not_none(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: count for name, count in counts.items() if count}


def runs(asked: Asked) -> Page:
    """The runs before a position, newest first; of one kind, where one is given."""
    before, kind = asked.number("before"), asked.given("kind")
    with asked.site.database.driver_transaction() as connection:
        found = states_in(
            connection,
            "(%(before)s::bigint IS NULL OR r.first_position < %(before)s)"
            " AND (%(kind)s = '' OR split_part(r.command, ' ', 1) = %(kind)s)",
            {"before": before, "kind": kind},
            limit=RUNS_A_PAGE + 1,
        )
    shown = found[:RUNS_A_PAGE]
    older = shown[-1].first_position if len(found) > len(shown) else None
    content = {
        "runs": [summary(one) for one in shown],
        "kind": kind,
        "kinds": [one.name for one in KINDS],
        "older": older and with_query("/runs", kind=kind, before=older),
        "newest": before and with_query("/runs", kind=kind),
    }
    return Page("runs", "Runs", content)


def run(asked: Asked) -> Page:
    """One run: how it ended, how many events of which type, and the events after a position."""
    state = find_run(asked.site.database, asked.path["run"])
    after, chosen = asked.number("after") or 0, asked.given("type")
    with asked.site.database.driver_transaction() as connection:
        types = _types(connection, state.run_id)
        selection = Selection(run_id=state.run_id, after=after, types=_chosen(chosen))
        found = list(steps(connection, selection, limit=EVENTS_A_PAGE + 1, called_now=True))
    shown = found[:EVENTS_A_PAGE]
    here = run_address(state.run_id)
    last = shown[-1].recorded.position if len(found) > len(shown) else None
    content = {
        "run": summary(state),
        "running": state.state == "running",
        "progress": progress_of(asked.ledger, state) if state.kind.resumable else None,
        "options": state.options,
        "types": types,
        "failures": sum(types[one] for one in FAILURES),
        "type": chosen,
        "events": [told(one) for one in shown],
        "later": last and with_query(here, type=chosen, after=last),
        "first": after and with_query(here, type=chosen),
    }
    return Page("run", f"{state.command}, {state.state}", content)


def _chosen(type_: str) -> tuple[str, ...] | None:
    if type_ == "failures":
        return FAILURES
    return (type_,) if type_ else None


def _types(connection: psycopg.Connection[Any], run_id: UUID) -> Counter[str]:
    """How many events of each type a run has, by type."""
    rows = connection.execute(
        "SELECT type, count(*) FROM ledger.events WHERE run_id = %s GROUP BY type ORDER BY type",
        (run_id,),
    )
    return Counter(dict(rows.fetchall()))


VIEWS = (View("/runs", runs), View("/runs/{run}", run, part="run_part"))
