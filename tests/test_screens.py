"""Screens as a person sees them at 60, 80, 100 and 160 columns, kept as text beside this module.

They are made of values. Where one is to change: ``python -m tests.test_screens``, and look at it.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import click
import pytest

from importer.program import program
from ledger.cli.history import print_numbers, print_run, print_step
from ledger.cli.runs import print_runs
from ledger.events.recorded import Recorded
from ledger.history.descriptions import describe
from ledger.history.record_history import Step
from ledger.output.lines import answer_lines, report_lines
from ledger.output.plans import plan_lines
from ledger.runs.states import RunState
from sync.cli.discrepancies import print_listed
from sync.cli.doctor import print_check, print_settings
from sync.cli.status import print_status
from sync.events.names import ValueNames
from sync.reports.digest import digest_lines
from sync.reports.drift_lines import drift_lines
from sync.reports.sync_report import PrintedReport
from tests import shown_values as values
from tests.ledger.record_events import changed, linked, observed

KEPT = Path(__file__).with_name("screens")
WIDTHS = (60, 80, 100, 160)
STARTED = datetime(2026, 7, 1, 1, 15, tzinfo=UTC)
RUNS = [
    RunState(
        run_id=UUID(f"01a21baa-882e-70bc-8e59-c17b21b9f1{number:02}"),
        command=command,
        options=options,
        software="0.1.0",
        actor="cron",
        state=state,
        reason=reason,
        counts=counts,
        refused=0,
        started_at=STARTED + timedelta(hours=number),
        ended_at=STARTED + timedelta(hours=number, seconds=61.4),
        first_position=number,
        open_writes=open_writes,
    )
    for number, command, options, state, reason, counts, open_writes in (
        (
            3,
            "settle adm.sessions/Q291cnNlOjk1Mjk= title",
            *({}, "done", "", {}, 0),
        ),
        (
            2,
            "import-events",
            {"path": "/srv/sittings/EventSessionImport 2026A.xlsx"},
            "stopped",
            "Administrate did not answer: connection refused at api.getadministrate.com",
            {"events": 31, "sessions": 90, "unfinished": 317},
            1,
        ),
        (1, "sync all", {}, "done", "", {"created": 0, "updated": 2, "unchanged": 1362}, 0),
    )
]
EVENTS = [
    observed("adm.venues", "VmVudWU6Nw==", 17, name="BPP Waterloo"),
    linked("adm.venues", "VmVudWU6Nw==", 17, "acted.tutorial_venues/5"),
    changed("adm.venues", "VmVudWU6Nw==", 17, name=("BPP Waterloo", "BPP Waterloo, second floor")),
]


def _runs(_width: int) -> None:
    print_runs(RUNS)


def _show(_width: int) -> None:
    print_run(RUNS[1])
    print_numbers({"RunStarted": 1, "WorkbookRead": 1, "RowAccepted": 1305, "EventPlanned": 348})
    for number, event in enumerate(EVENTS):
        recorded = Recorded(120 + number, STARTED, "cron", RUNS[1].run_id, None, event)
        source = "API call for venues, records 1 to 21 of 21: Venues answered 200 in 10 ms"
        print_step(Step(recorded, event.record(), describe(event, str), None, source), None)


def _help(width: int) -> None:
    context = click.Context(program, info_name="admsync", terminal_width=width)
    command = program.get_command(context, "show")
    assert command is not None
    shown = command.get_help(
        click.Context(command, parent=context, info_name="show", terminal_width=width)
    )
    answer_lines(shown.splitlines())


def _history(_width: int) -> None:
    for number, event in enumerate(values.IN_STEP):
        recorded = Recorded(48_000 + number, STARTED, "cron", RUNS[1].run_id, None, event)
        step = Step(recorded, "CB1 London", describe(event, str), None, None)
        print_step(step, event.record())


def _sync(_width: int) -> None:
    reporter = PrintedReport()
    for number, step in enumerate(values.STEPS, 1):
        reporter.began(step.entity, number, len(values.STEPS))
        reporter.synced(step)


def _night(_width: int) -> None:
    waiting = values.status_of(RUNS[1]).waiting
    report_lines(digest_lines(values.STEPS, waiting, str(RUNS[2].run_id), 26))


def _discrepancies(_width: int) -> None:
    print_listed(values.LISTED)


def _drift(_width: int) -> None:
    # None of these fields is a person or a place, whose name would be looked up.
    nobody: Any = None
    answer_lines(drift_lines(values.DRIFT, ValueNames(nobody)))


def _status(_width: int) -> None:
    print_status(values.status_of(RUNS[1]))


def _plan(_width: int) -> None:
    answer_lines(plan_lines(values.ROLLBACK))


def _doctor(_width: int) -> None:
    print_settings(values.IN_USE)
    for check in values.CHECKS:
        print_check(check, as_json=False)


SCREENS: dict[str, Callable[[int], None]] = {
    "discrepancies": _discrepancies,
    "doctor": _doctor,
    "drift": _drift,
    "help": _help,
    "history": _history,
    "night": _night,
    "plan": _plan,
    "runs": _runs,
    "show": _show,
    "status": _status,
    "sync": _sync,
}


@contextmanager
def in_london(width: int) -> Iterator[None]:
    """So many columns, and the clocks of a place that changes them."""
    try:
        with patch.dict(os.environ, {"COLUMNS": str(width), "TZ": "Europe/London"}):
            time.tzset()
            yield
    finally:
        time.tzset()


def screen(name: str, width: int) -> str:
    shown = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with in_london(width), redirect_stdout(shown):
        SCREENS[name](width)
    shown.seek(0)
    return shown.read()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_as_it_was_looked_at(name: str, width: int) -> None:
    shown = screen(name, width)
    assert shown == (KEPT / f"{name}-{width}.txt").read_text()
    assert {run.run_id.hex for run in RUNS} <= {*shown.replace("-", "").split()} or name != "runs"


def test_no_screen_is_kept_that_is_not_shown() -> None:
    kept = {path.stem for path in KEPT.glob("*.txt")}
    assert kept == {f"{name}-{width}" for name in SCREENS for width in WIDTHS}


if __name__ == "__main__":
    for one in SCREENS:
        for columns in WIDTHS:
            (KEPT / f"{one}-{columns}.txt").write_text(screen(one, columns))
