"""An import that is killed or loses an answer anywhere ends, resumed, as if nothing had happened.

By default a few of the points are tried; with ADMSYNC_EVERY_POINT=1, each of them (=3: each third).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from attrs import define

from importer.event_writer import State
from ledger.errors import DatabaseError, StoppedResumably, UsageRefused
from ledger.replay import replay
from ledger.runs import run_states
from ledger.tables import acted, adm
from sync.administrate.recorder import Attempt
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, opened
from tests.importer.company import Company, a_workbook, five_events
from tests.importer.dying import import_until
from tests.proxy import Faults, proxied

EVERY = int(os.environ.get("ADMSYNC_EVERY_POINT", "0"))
FAULTS = ("reset-unanswered", "reset-before", "500-after", "truncated")


def chosen(points: int, few: int) -> list[int]:
    """The points to try: every one, or so many spread over all."""
    if EVERY:
        return list(range(1, points + 1, EVERY))
    return [points * n // few + 1 for n in range(few)]


@define
class World:
    """Copies of the linked company to import into, one after another."""

    databases: Databases
    linked: str
    sandbox: RunningSandbox
    path: Path

    @contextmanager
    def company(self) -> Iterator[tuple[Company, str]]:
        self.sandbox.control.reset()
        with self.databases.fresh(self.linked) as url, opened(url) as database:
            yield Company(database, self.sandbox), url


@pytest.fixture(scope="module")
def world(
    databases: Databases,
    linked: str,
    administrate: RunningSandbox,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    path = a_workbook(tmp_path_factory.mktemp("five"), *five_events())
    return World(databases, linked, administrate, path)


def end_state(company: Company) -> dict[str, Any]:
    """What stands on both sides, but for numbers and times that differ from run to run."""
    control = company.control
    people = {one["id"]: one["name"] for one in control.dump("Contact")}
    events = {one["id"]: one["code"] for one in control.dump("Event")}
    sessions = control.dump("Session")
    names = {
        **events,
        **{
            one["id"]: f"{events[one['parentEventId']]} {one['title']} {one['start']}"
            for one in sessions
        },
    }
    return {
        "events": company.rows(acted.EVENTS, "code", "start_date", "end_date", "remain_space"),
        "sessions": sorted(company.rows(acted.SESSIONS, "title", "sequence", "start_date", "url")),
        "teaching": len(company.rows(acted.SESSION_INSTRUCTORS)),
        "bridge events": sorted(
            (title, names[external_id], link is not None)
            for title, external_id, link in company.rows(
                adm.EVENTS, "title", "external_id", "tutorial_event_id"
            )
        ),
        "bridge sessions": sorted(
            (title, day, names[external_id])
            for title, day, external_id in company.rows(
                adm.SESSIONS, "title", "day_number", "external_id"
            )
        ),
        "remote events": sorted(events.values()),
        "remote sessions": sorted(
            (names[one["id"]], one["end"], sorted(one.get("customFields", {}).values()))
            for one in sessions
        ),
        "staff": sorted(
            (names[one["bookingId"]], people[one["contactId"]], one["staffType"])
            for one in control.dump("Staff")
        ),
        "made": Counter(name for name in company.changes() if not name.endswith(".update")),
    }


def finished(company: Company, path: Path) -> None:
    """Whatever has stopped goes on; a run that left no word at all is begun again."""
    deadline = monotonic() + 10
    while any(one.state == "running" for one in run_states(company.database)):
        assert monotonic() < deadline, "the killed process still holds its run"
        sleep(0.02)
    try:
        resumed = company.resumed()
    except UsageRefused:
        resumed = company.imported(path)
    assert all(one.state is State.DONE for one in resumed.outcomes)


def assert_same(company: Company, expected: dict[str, Any], where: str) -> None:
    found = end_state(company)
    for name, value in expected.items():
        assert found[name] == value, f"{name} differ after {where}"
    assert replay(company.database).ok, where


@pytest.fixture(scope="module")
def expected(world: World) -> dict[str, Any]:
    """The end state without any trouble."""
    with world.company() as (company, _):
        company.imported(world.path)
        return end_state(company)


def test_killed_anywhere_it_ends_the_same(world: World, expected: dict[str, Any]) -> None:
    with world.company() as (_, url):
        points = import_until(world.path, url, world.sandbox.settings, 0, 1)
    for at in chosen(points, 4):
        with world.company() as (company, url):
            left = import_until(world.path, url, world.sandbox.settings, at, 1 if EVERY else 3)
            if left == 0:
                finished(company, world.path)
            assert_same(company, expected, f"a kill at point {at} of {points}")


def test_whatever_becomes_of_an_answer_it_ends_the_same(
    world: World, expected: dict[str, Any]
) -> None:
    with world.company() as (company, _):
        company.control.forget()
        company.imported(world.path)
        calls = len([one for one in company.control.calls() if one.operation != "oauth.token"])
    for number, at in enumerate(chosen(calls, 5)):
        for fault in FAULTS if EVERY else (FAULTS[number % len(FAULTS)],):
            with world.company() as (company, _):
                company.control.set_faults(f"{fault}:*:{at}")
                try:
                    company.imported(world.path, workers=1 if EVERY else 3)
                except StoppedResumably:
                    company.control.clear_faults()
                    finished(company, world.path)
                assert_same(company, expected, f"{fault} at call {at} of {calls}")


@define
class LosingCommits:
    """Has the database lose one commit, or its answer, after so many calls to Administrate."""

    faults: Faults
    after: int
    answered: bool

    def record(self, _attempt: Attempt) -> None:
        self.after -= 1
        if self.after == 0:
            self.faults.lost_answers = int(self.answered)
            self.faults.lost_commits = int(not self.answered)


def test_a_commit_that_is_lost_or_whose_answer_is_lost_changes_nothing(
    world: World, expected: dict[str, Any]
) -> None:
    calls = sum(expected["made"].values())
    for number, after in enumerate(chosen(calls, 3)):
        for answered in (True, False) if EVERY else (number % 2 == 0,):
            with (
                world.company() as (company, url),
                proxied(url) as faults,
                opened(faults.url) as database,
            ):
                through = Company(database, world.sandbox)
                try:
                    through.imported(world.path, recorder=LosingCommits(faults, after, answered))
                except (StoppedResumably, DatabaseError):
                    finished(company, world.path)
                assert_same(company, expected, f"a commit lost after call {after}")
