"""The end state of an import on both sides, for comparison with another's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from attrs import frozen

from ledger.replay.compare import replay
from ledger.runs.states import run_states
from ledger.schema import acted, adm
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases, opened
from tests.importer.company import Company


@frozen
class Companies:
    """Copies of the linked company to import into, one after another."""

    databases: Databases
    linked: str
    sandbox: RunningSandbox

    @contextmanager
    def fresh(self) -> Iterator[tuple[Company, str]]:
        self.sandbox.control.reset()
        with self.databases.fresh(self.linked) as url, opened(url) as database:
            yield Company(database, self.sandbox), url


def end_state(company: Company) -> dict[str, Any]:
    """The records of both sides, without numbers and times that differ from run to run."""
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


def wait_until_let_go(company: Company) -> None:
    """Waits until the server knows that the process of a run is gone, which takes it a moment."""
    deadline = monotonic() + 10
    while any(one.state == "running" for one in run_states(company.database)):
        assert monotonic() < deadline, "the killed process still holds its run"
        sleep(0.02)


def assert_same(company: Company, expected: dict[str, Any], where: str) -> None:
    found = end_state(company)
    for name, value in expected.items():
        assert found[name] == value, f"{name} differ after {where}"
    assert replay(company.database).ok, where
