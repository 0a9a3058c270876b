"""A change of events, and a sync of edited ones, killed or without an answer anywhere, ends as if
nothing had happened.

By default a few of the points are tried, of five events; with ADMSYNC_EVERY_POINT=1 each of them,
of twenty.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import StoppedResumably, UsageRefused
from ledger.replay.compare import replay
from ledger.schema import acted, adm
from tests.importer.changing import changed, gone_on_with
from tests.importer.company import Company, a_workbook, five_events
from tests.importer.end_state import Companies, wait_until_let_go
from tests.importer.imported_events import changes, ids, listed, resumed, sessions_of, synced, write
from tests.importer.killed_process import EVERY, change_until, chosen

FAULTS = ("reset-unanswered", "reset-before", "500-after", "truncated")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    marks = ("", "2", "3", "4") if EVERY == 1 else ("",)
    rows = [row for mark in marks for row in five_events(mark)]
    return a_workbook(tmp_path_factory.mktemp("events"), *rows)


@contextmanager
def ready(companies: Companies, path: Path, word: str) -> Iterator[tuple[Company, str]]:
    """The events imported, their sessions years ahead and synced; for a sync, then edited."""
    with companies.fresh() as (company, url):
        company.imported(path)
        for (event,) in company.rows(adm.EVENTS, "external_id"):
            for number, session in enumerate(sessions_of(company, event), start=1):
                day = f"2099-03-{number:02}"
                company.control.edit(session, start=f"{day}T10:00:00", end=f"{day}T16:00:00")
        synced(company)
        if word == "sync":
            edited(company)
        company.control.forget()
        yield company, url


def edited(company: Company) -> None:
    """One of Administrate's own edits of each sort, one of the web application's, a conflict."""
    first, second, third, fourth, fifth = ids(company)[:5]
    moved, gone = sessions_of(company, first)[:2]
    renamed = sessions_of(company, second)[0]
    company.control.edit(moved, start="2099-04-01T10:00:00", end="2099-04-01T16:00:00")
    company.control.remove(gone)
    company.control.edit(third, lifecycleState="cancelled")
    company.control.edit(fourth, title="D, renamed", maxPlaces=20)
    company.control.edit(renamed, title="Day 1: Probability")
    write(
        company,
        "UPDATE acted.tutorial_sessions SET title = 'Day 1' WHERE id ="
        " (SELECT tutorial_session_id FROM adm.sessions WHERE external_id = :id)",
        id=renamed,
    )
    write(
        company,
        "UPDATE acted.tutorial_events SET is_soldout = true WHERE id ="
        " (SELECT tutorial_event_id FROM adm.events WHERE external_id = :id)",
        id=fifth,
    )


def end_state(company: Company) -> dict[str, Any]:
    """What a change or a sync changes, on both sides, and what it lists."""
    control = company.control
    codes = {one["id"]: one["code"] for one in control.dump("Event")}
    return {
        "events": sorted(
            (one["code"], one["lifecycleState"], one["isSoldOut"]) for one in control.dump("Event")
        ),
        "sessions": sorted(
            (codes[one["parentEventId"]], one["start"], one["lifecycleState"])
            for one in control.dump("Session")
        ),
        "bridge": sorted(company.rows(adm.EVENTS, "title", "lifecycle_state")),
        "bridge sessions": sorted(
            (title, str(starts), link is not None)
            for title, starts, link in company.rows(
                adm.SESSIONS, "title", "starts_at", "tutorial_session_id"
            )
        ),
        "rows": company.rows(acted.EVENTS, "code", "is_soldout", "remain_space"),
        "row sessions": sorted(company.rows(acted.SESSIONS, "title", "start_date")),
        "listed": listed(company),
    }


@pytest.fixture(scope="module", params=["publish", "sold-out", "sync"])
def word(request: pytest.FixtureRequest) -> str:
    """What is done."""
    return str(request.param)


@pytest.fixture(scope="module")
def expected(companies: Companies, path: Path, word: str) -> dict[str, Any]:
    """The end without any trouble."""
    with ready(companies, path, word) as (company, _):
        before = end_state(company)
        changed(company, word)
        found = end_state(company)
    assert found != before
    told = ["conflict", "to push"] if word == "sync" else []
    assert sorted(found["listed"].values()) == told
    return found


def finished(company: Company, word: str) -> None:
    """Whatever has stopped goes on; a run that left no word at all is begun again."""
    wait_until_let_go(company)
    try:
        (resumed if word == "sync" else gone_on_with)(company)
    except UsageRefused:
        changed(company, word)


def assert_ended(company: Company, expected: dict[str, Any], where: str) -> None:
    assert end_state(company) == expected, where
    assert replay(company.database).ok, where
    for step in changes(synced(company)).values():
        assert step.keys() <= {"unchanged"}, (where, step)


def test_killed_anywhere_it_ends_the_same(
    companies: Companies, path: Path, word: str, expected: dict[str, Any]
) -> None:
    with ready(companies, path, word) as (_, url):
        points = change_until(word, url, companies.sandbox.settings, 0)
    for at in chosen(points, 3):
        with ready(companies, path, word) as (company, url):
            if change_until(word, url, companies.sandbox.settings, at) == 0:
                finished(company, word)
            assert_ended(company, expected, f"a kill at point {at} of {points}")


def test_whatever_becomes_of_an_answer_it_ends_the_same(
    companies: Companies, path: Path, word: str, expected: dict[str, Any]
) -> None:
    with ready(companies, path, word) as (company, _):
        changed(company, word)
        calls = [one for one in company.control.calls() if one.operation != "oauth.token"]
    for number, at in enumerate(chosen(len(calls), 4)):
        for fault in FAULTS if EVERY else (FAULTS[number % len(FAULTS)],):
            with ready(companies, path, word) as (company, _):
                company.control.set_faults(f"{fault}:*:{at}")
                try:
                    changed(company, word)
                except StoppedResumably:
                    company.control.clear_faults()
                    finished(company, word)
                assert_ended(company, expected, f"{fault} at call {at}")
