"""Whatever is done to events of May's shape, webhooks of its web application among it: twice, late,
in any order, and at the worst moments of what the program does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy
from attrs import define, field, frozen
from hypothesis import strategies as st
from hypothesis.stateful import rule

from ledger.events import record_name
from sync.administrate.client import Administrate
from sync.administrate.recorder import Attempt, Recorder
from sync.sandbox.process import RunningSandbox
from tests.databases import Databases
from tests.deployed import Shape
from tests.deployed.webhooks import WebApplication
from tests.importer.any_sequence import EDITS, Sequences, numbers, picks, run_sequences
from tests.importer.company import Company
from tests.importer.end_state import Companies
from tests.importer.imported_events import synced

MAYS_WRITES: Mapping[str, Sequence[str]] = {
    "acted.tutorial_events": (
        "lms_end_date = timestamptz '2099-06-30 23:00Z' + {n} * interval '1 day'",
        "is_soldout = NOT is_soldout, sold_out = NOT is_soldout",
        "finalisation_date = timestamptz '2025-09-30 23:00Z' + {n} * interval '1 day'",
        "finalisation_date = NULL",
        "sitting = '202{n}A'",
        "ocr_moodle_code = 'M{n}'",
        "web_sale = NOT coalesce(web_sale, false)",
        "event_url = 'https://example.com/{n}'",
        "location_id = {n}",
        "remain_space = {n}",
        "code = code || '{n}'",
    ),
    "acted.tutorial_sessions": (
        "title = 'Edited {n}'",
        "start_date = timestamptz '2099-04-01 09:00Z' + {n} * interval '1 day'",
        "venue_id = {n}",
        "url = 'https://example.com/s{n}'",
        "cancelled = NOT cancelled",
    ),
}
# Deliveries by their places among those that wait, the oldest first.
orders = st.lists(st.integers(0, 20), min_size=1, max_size=8)
NEEDED: Mapping[str, str] = {"cancelled": "false"}
ADMINISTRATES = [(kind, name) for kind in sorted(EDITS) for name in sorted(EDITS[kind])]


@define
class Moment:
    """Something to be done at one moment of the program's work: its calls' answers and its
    transactions' ends are counted."""

    at: int = 0
    what: Callable[[], None] | None = None
    working: bool = False
    passed: bool = False

    def record(self, _attempt: Attempt) -> None:
        self.pass_by()

    def pass_by(self, *_: object) -> None:
        if not self.working or self.what is None:
            return
        self.at -= 1
        if self.at <= 0:
            what, self.what, self.passed = self.what, None, True
            what()


@frozen
class WatchedCompany(Company):
    """The company, the answers of its Administrate counted."""

    moment: Moment = field(factory=Moment)

    @contextmanager
    def administrate(self, recorder: Recorder | None = None) -> Iterator[Administrate]:
        with Company.administrate(self, recorder or self.moment.record) as client:
            yield client


class MaysSequences(Sequences):
    """The company of May's shape, whose web application takes webhooks."""

    writes = MAYS_WRITES
    needed = NEEDED

    def __init__(self, companies: Companies) -> None:
        super().__init__(companies)
        self.moment = Moment()
        self.company = WatchedCompany(self.company.database, self.company.sandbox, self.moment)
        engine = self.company.database.engine
        sqlalchemy.event.listen(engine, "checkin", self.moment.pass_by)
        self.held.callback(sqlalchemy.event.remove, engine, "checkin", self.moment.pass_by)
        self.web = self.held.enter_context(WebApplication.serving(self.url, self.company.control))
        self.edited: set[str] = set()

    # The deliveries

    @rule(order=orders)
    def deliver(self, order: list[int]) -> None:
        """Some of what waits, in any order, some of it twice; the rest comes later."""
        if waiting := self.company.control.deliveries():
            self.company.control.deliver(*(waiting[n % len(waiting)] for n in order))

    @rule(at_once=st.booleans())
    def deliveries_come(self, at_once: bool) -> None:
        """Before the call that made a change is answered; or when they are sent for."""
        self.web.register(at_once=at_once)

    @rule(
        at=st.integers(1, 12),
        order=orders,
        edit=st.none() | st.sampled_from(ADMINISTRATES),
        pick=picks,
        n=numbers,
    )
    def deliver_meanwhile(
        self, at: int, order: list[int], edit: tuple[str, str] | None, pick: int, n: int
    ) -> None:
        """At a moment of what the program does next; an edit in Administrate may come before."""

        def what() -> None:
            if edit is not None:
                kind, name = edit
                key = self.there(kind, pick)
                if key is not None:
                    table = f"adm.{kind.lower()}s"
                    self.edited.add(record_name(table, key))
                self._edit(kind, pick, n, name)
            self.deliver(order)

        self.moment.at, self.moment.what = at, what

    @rule(every=st.booleans())
    def sync_meanwhile(self, every: bool) -> None:
        """A sync with all that comes between."""
        with self.losing_nothing():
            synced(self.company, every=every)

    def sync_all(self, every: bool) -> None:
        """Without anything between: it is what the fields are to be after it that is looked at."""
        self.moment.what = None
        super().sync_all(every)

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        self.edited.clear()
        self.web.overwritten.clear()
        self.moment.working, self.moment.passed = True, False
        try:
            yield
        finally:
            self.moment.working = False

    def disturbed(self) -> bool:
        return self.moment.passed

    def others_wrote(self) -> Mapping[tuple[str, int, str], list[tuple[Any, Any]]]:
        wrote: dict[tuple[str, int, str], list[tuple[Any, Any]]] = defaultdict(list)
        for one in self.web.overwritten:
            wrote[one.table, one.row_id, one.column].append((one.before, one.after))
        return wrote

    def others_edited(self) -> Collection[str]:
        return self.edited


@pytest.fixture
def mays_companies(
    databases: Databases, linked: dict[Shape, str], administrate: RunningSandbox
) -> Companies:
    return Companies(databases, linked["may"], administrate)


def test_whatever_is_done_and_delivered_each_field_is_in_step_or_listed(
    mays_companies: Companies,
) -> None:
    run_sequences(lambda: MaysSequences(mays_companies))
