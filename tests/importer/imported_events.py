"""Builders: events imported and then synced, both sides of them, and the fields out of step."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ledger.replay.compare import replay
from ledger.runs.states import run_to_resume
from ledger.schema import acted, adm
from sync.administrate.recorder import Recorder
from sync.reports.sync_report import JsonReport
from sync.run import SyncOptions, new_sync, resumed_sync
from tests.importer.company import (
    Company,
    a_workbook,
    an_own_event,
    an_own_lms_event,
    an_own_session,
)
from tests.importer.rows import TypedRow

# The fields out of step, by record and field, and why.
Listed = dict[tuple[str, str], str]
# An end that no day of a test comes after.
FAR = date(2099, 6, 30)


def rows_to_import() -> list[TypedRow]:
    """Two events of two days each, and one without a classroom; none is over."""
    return [
        an_own_event("A", lms_end_date=FAR, event_url="https://example.com/a", web_sale="Y"),
        an_own_session("A", 2, session_url="https://example.com/a2"),
        an_own_event("B", lms_end_date=FAR),
        an_own_session("B", 2, session_instructor="Delphine Kirkbride / Gareth Fairweather"),
        an_own_lms_event("C", lms_end_date=FAR),
    ]


def imported(company: Company, folder: Path) -> None:
    run = company.imported(a_workbook(folder, *rows_to_import()))
    assert [one.problems for one in run.outcomes] == [()] * 3


def synced(
    company: Company,
    recorder: Recorder | None = None,
    entities: tuple[str, ...] = ("events", "sessions"),
    **options: Any,
) -> dict[str, dict[str, Any]]:
    """The steps of a sync of events and sessions, by entity."""
    report = JsonReport()
    asked = SyncOptions(entities, **options)
    with (
        company.administrate(recorder) as client,
        new_sync(company.ledger, client, "sync", asked, report) as sync,
    ):
        sync.take_all()
    return {step["entity"]: step for step in report.steps}


def resumed(company: Company) -> None:
    """The sync that stopped, to its end."""
    state = run_to_resume(company.database, None)
    with (
        company.administrate() as client,
        resumed_sync(company.ledger, client, state, JsonReport()) as sync,
    ):
        sync.take_all()


def changes(steps: dict[str, dict[str, Any]]) -> dict[str, dict[str, int]]:
    """What was done with the rows of each entity, without what was not."""
    return {
        name: {what: n for what, n in step["counts"].items() if n} for name, step in steps.items()
    }


def calls(company: Company) -> dict[str, int]:
    """How often each operation was called; a token is not counted."""
    return dict(
        Counter(one.operation for one in company.control.calls() if one.operation[0].isupper())
    )


def ids(company: Company) -> list[str]:
    """The Administrate ids of the imported events, in their order."""
    return [key for (key,) in company.rows(adm.EVENTS, "external_id")]


def sessions_of(company: Company, event: str) -> list[str]:
    """The Administrate ids of an event's sessions, by start."""
    of_event = [one for one in company.control.dump("Session") if one["parentEventId"] == event]
    return [one["id"] for one in sorted(of_event, key=lambda one: str(one["start"]))]


def known(company: Company, kind: str, **values: object) -> str:
    """The id of the record of Administrate's with these values."""
    [found] = [
        one
        for one in company.control.dump(kind)
        if all(one[name] == value for name, value in values.items())
    ]
    return str(found["id"])


def write(company: Company, statement: str, **values: object) -> None:
    """What the web application writes."""
    with company.database.transaction() as connection:
        connection.execute(text(statement), values)


def tutorial_ids(company: Company, *codes: str) -> list[int]:
    keys = {code: key for key, code in company.rows(acted.EVENTS, "id", "code")}
    return [keys[code] for code in codes]


def unlink(company: Company, *events: str) -> None:
    """Takes away the links of events, as another writer may."""
    for key in events:
        write(
            company,
            "UPDATE adm.events SET tutorial_event_id = NULL WHERE external_id = :key",
            key=key,
        )


def proven(company: Company) -> None:
    """The tables are what the ledger says."""
    found = replay(company.database)
    assert found.ok, found.differences


def listed(company: Company) -> Listed:
    """The fields out of step, by record and field, and why."""
    with company.database.driver_transaction() as connection:
        rows = connection.execute(
            "SELECT record, field, kind FROM ledger.field_discrepancies ORDER BY 1, 2"
        ).fetchall()
    return {(record.partition("/")[2], field): kind for record, field, kind in rows}


def base(company: Company, key: str, name: str) -> Any:
    with company.database.driver_transaction() as connection:
        [(pair,)] = connection.execute(
            "SELECT pairs -> %s FROM ledger.field_bases WHERE record LIKE %s", (name, f"%/{key}")
        ).fetchall()
    return pair
