"""The web application takes Administrate's webhooks while an import makes the same events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
import sqlalchemy

from ledger.events import BridgeRowMerged
from ledger.replay.compare import replay
from ledger.rollback.reading import prepare as rollback_plan
from ledger.store.read import Selection
from sync.administrate.recorder import Attempt
from sync.changes.chosen import Chosen
from sync.events.comparison import Listed
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, opened
from tests.deployed import Shape
from tests.deployed.webhooks import WebApplication
from tests.importer.changing import events_changed
from tests.importer.company import Company, a_workbook, an_own_event, an_own_session
from tests.importer.imported_events import FAR, changes, sessions_of, synced
from tests.rollback.rolling_back import rolled_back


class Killed(BaseException):
    """What stands for the end of the process: nothing catches it to tidy up."""


class Moments:
    """Calls the web application at one moment of an import: they are counted from when Administrate
    has the event, after each of its answers and after each commit."""

    def __init__(self, at: int, web: WebApplication, title: str, *, dies: bool = False) -> None:
        self.at, self.web, self.title, self.dies = at, web, title, dies
        self.count, self.dead = 0, False
        self.known = False

    def __call__(self, *_: object) -> None:
        self.known = self.known or self.web.knows(self.title)
        self.count += self.known
        if self.count == self.at:
            self.web.hear_of(self.title)
            self.dead = self.dies

    def record(self, _attempt: Attempt) -> None:
        self()
        self.end()

    def end(self, *_: object) -> None:
        """Nothing is done any more."""
        if self.dead:
            raise Killed


@pytest.fixture
def company_url(
    databases: Databases, linked: dict[Shape, str], administrate: RunningSandbox
) -> Iterator[str]:
    administrate.control.reset()
    with databases.fresh(linked["may"]) as url:
        yield url


@pytest.fixture
def company(company_url: str, administrate: RunningSandbox) -> Iterator[Company]:
    with opened(company_url) as database:
        yield Company(database, administrate)


@pytest.fixture
def web(company: Company, company_url: str) -> Iterator[WebApplication]:
    with WebApplication.serving(company_url, company.control) as serving:
        yield serving


def workbook(folder: Path, title: str, **event: Any) -> Path:
    rows = an_own_event(title, **event), an_own_session(title, 2)
    return a_workbook(folder, *rows, name=f"{title}.xlsx")


def bridges(url: str, title: str) -> tuple[list[Any], list[Any]]:
    """The Administrate ids of the bridge rows of a tutorial event, and of its sessions."""
    with psycopg.connect(url) as connection:
        events = connection.execute(
            "SELECT b.external_id FROM adm.events b JOIN acted.tutorial_events t"
            " ON t.id = b.tutorial_event_id WHERE t.code = %s",
            (title,),
        ).fetchall()
        sessions = connection.execute(
            "SELECT b.external_id FROM adm.sessions b JOIN acted.tutorial_sessions s"
            " ON s.id = b.tutorial_session_id JOIN acted.tutorial_events t"
            " ON t.id = s.tutorial_event_id WHERE t.code = %s ORDER BY s.sequence",
            (title,),
        ).fetchall()
    return [one for (one,) in events], [one for (one,) in sessions]


def is_one(company: Company, url: str, title: str) -> None:
    """Each record has one bridge row, with its id."""
    [there] = [one["id"] for one in company.control.dump("Event") if one["title"] == title]
    events, sessions = bridges(url, title)
    assert events == [there]
    assert len(sessions) == len(set(sessions)) == 2
    assert None not in sessions


def proven(company: Company) -> None:
    """The tables are what the ledger says."""
    found = replay(company.database)
    assert found.ok, found.differences


def imported(company: Company, path: Path, moments: Moments) -> None:
    """An import, in which the moments are counted."""
    engine = company.database.engine
    listening: dict[str, Callable[..., Any]] = {"checkin": moments, "begin": moments.end}
    for name, listener in listening.items():
        sqlalchemy.event.listen(engine, name, listener)
    try:
        company.imported(path, recorder=moments.record)
    finally:
        for name, listener in listening.items():
            sqlalchemy.event.remove(engine, name, listener)


def test_a_webhook_at_any_moment_leaves_one_bridge_row(
    company: Company, company_url: str, web: WebApplication, tmp_path: Path
) -> None:
    moment, reached = 0, True
    while reached:
        moment += 1
        title = f"W-{moment}"
        moments = Moments(moment, web, title)
        imported(company, workbook(tmp_path, title), moments)
        reached = moments.count >= moment
        web.hear_of(title)
        is_one(company, company_url, title)
    proven(company)
    merged = company.ledger.read(Selection(types=[BridgeRowMerged.__name__]))
    events = [one.event for one in merged if isinstance(one.event, BridgeRowMerged)]
    assert {one.table for one in events} == {"adm.events", "adm.sessions"}


@pytest.mark.parametrize("moment", [1, 2, 3, 5])
def test_a_webhook_after_a_kill_leaves_one_bridge_row(
    company: Company, company_url: str, web: WebApplication, tmp_path: Path, moment: int
) -> None:
    moments = Moments(moment, web, "K", dies=True)
    with pytest.raises(Killed):
        imported(company, workbook(tmp_path, "K"), moments)
    web.hear_of("K")
    company.resumed()
    web.hear_of("K")
    is_one(company, company_url, "K")
    proven(company)


def test_a_webhook_that_commits_while_the_import_waits_for_it(
    company: Company, company_url: str, web: WebApplication, tmp_path: Path
) -> None:
    began, delivery = Event(), psycopg.connect(company_url)

    class Begun:
        def record(self, _attempt: Attempt) -> None:
            created = [one for one in web.control.dump("Event") if one["title"] == "R"]
            if created and not began.is_set():
                web.keeps = True
                web.hear_of("R")
                web.take_in(delivery, web.kept[-1])
                began.set()

    path = workbook(tmp_path, "R")
    importing = Thread(target=lambda: company.imported(path, recorder=Begun().record))
    importing.start()
    try:
        assert began.wait(60)
        with psycopg.connect(company_url, autocommit=True) as other:
            waiting = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
            pid = delivery.info.backend_pid
            while other.execute(waiting, (pid,)).fetchone() is None and importing.is_alive():
                pass
        delivery.commit()
    finally:
        delivery.close()
        importing.join()
    is_one(company, company_url, "R")
    proven(company)


def test_what_a_webhook_overwrites_is_no_difference_and_no_edit(
    company: Company, company_url: str, web: WebApplication, tmp_path: Path
) -> None:
    run = company.imported(workbook(tmp_path, "O")).run
    web.hear_of("O")
    proven(company)
    with company.database.transaction() as connection:
        plan = rollback_plan(connection, run.run_id).plan
    assert plan.kept == ()
    with psycopg.connect(company_url) as connection:
        connection.execute("UPDATE acted.tutorial_events SET remain_space = 3 WHERE code = 'O'")
    with company.database.transaction() as connection:
        kept = rollback_plan(connection, run.run_id).plan.kept
    assert any("remain_space" in one.why for one in kept)


def test_a_title_that_is_a_code_already_is_refused(company: Company, tmp_path: Path) -> None:
    company.imported(workbook(tmp_path, "T"))
    later = an_own_event("T", code="CB1_f2f_3", location="London", venue="Blackfriars House")
    twice = [an_own_event("U"), an_own_event("U", code="CM1_LO_1")]
    plan = company.prepared(a_workbook(tmp_path, later, *twice)).plan
    assert [one.title for one in plan.events] == ["U"]
    first, second = (str(error) for one in plan.refused for error in one.errors)
    assert "there is an event of this code already" in first
    assert "row 3 of this file has the same title" in second


def years_ahead(company: Company, event: str) -> None:
    """Moves the sessions of an event where no day of a test comes after."""
    for number, session in enumerate(sessions_of(company, event), start=1):
        day = f"2099-03-{number:02}"
        company.control.edit(session, start=f"{day}T10:00:00", end=f"{day}T16:00:00")


def out_of_step(company: Company) -> list[tuple[Any, ...]]:
    """What is listed of the imported events."""
    with company.database.driver_transaction() as connection:
        return connection.execute(
            "SELECT d.record, d.field, d.kind FROM ledger.field_discrepancies d"
            " JOIN adm.events e ON d.record = 'adm.events/' || e.external_id WHERE e.title = 'S'"
        ).fetchall()


def event_id(company: Company, title: str) -> str:
    [there] = [one["id"] for one in company.control.dump("Event") if one["title"] == title]
    return str(there)


@pytest.fixture
def synced_event(company: Company, web: WebApplication, tmp_path: Path) -> str:
    """An imported event of which all is in step."""
    company.imported(workbook(tmp_path, "S", lms_end_date=FAR))
    synced(company)
    assert out_of_step(company) == []
    web.control.deliver(*web.control.deliveries())
    return event_id(company, "S")


@pytest.mark.parametrize("edited_before", [True, False])
def test_what_is_edited_and_delivered_between_page_and_comparison_is_in_step(
    company: Company, synced_event: str, *, edited_before: bool
) -> None:
    if edited_before:
        company.control.edit(synced_event, maxPlaces=20)
    once = iter([True])

    def record(attempt: Attempt) -> None:
        if attempt.operation == "SyncedEventsWithSessions" and next(once, False):
            company.control.edit(synced_event, maxPlaces=30)
            company.control.deliver(*reversed(company.control.deliveries()[-2:]))

    synced(company, recorder=record)
    assert out_of_step(company) == []
    assert changes(synced(company))["events"].keys() == {"unchanged", "gone but kept"}
    proven(company)


def test_a_late_delivery_is_listed_until_a_newer_one_comes(
    company: Company, synced_event: str
) -> None:
    company.control.edit(synced_event, maxPlaces=20)
    company.control.edit(synced_event, maxPlaces=30)
    old, _, new, _ = company.control.deliveries()
    synced(company)
    assert out_of_step(company) == []
    company.control.deliver(new, old)
    synced(company)
    [(_, field, kind)] = out_of_step(company)
    assert (field, kind) == ("max_places", Listed.OWNED_BY_ADMINISTRATE.value)
    company.control.deliver(company.control.deliveries()[-1])
    synced(company)
    assert out_of_step(company) == []
    proven(company)


@pytest.mark.parametrize("word", ["publish", "sold-out"])
def test_what_is_delivered_before_a_change_is_answered_is_what_both_sides_agree_on(
    company: Company, web: WebApplication, synced_event: str, word: str
) -> None:
    years_ahead(company, synced_event)
    synced(company)
    web.register(at_once=True)
    run = events_changed(company, word, Chosen(names=("S",)))
    assert [(one.done, one.refused) for one in run.outcomes] == [(True, ())]
    assert out_of_step(company) == []
    assert changes(synced(company))["events"].keys() == {"unchanged", "gone but kept"}
    proven(company)


def test_a_delivery_that_comes_after_a_rollback_of_its_event_brings_nothing_back(
    company: Company, web: WebApplication, tmp_path: Path
) -> None:
    run = company.imported(workbook(tmp_path, "G")).run
    late = company.control.deliveries()
    assert late
    rolled_back(company, run.run_id)
    assert company.control.deliver(*late) == [200] * len(late)
    assert bridges(web.url, "G") == ([], [])
    proven(company)
