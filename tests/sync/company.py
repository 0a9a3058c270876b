"""The fictional company for tests: its sandbox, a database of the test's own, the program."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

import psycopg
from attrs import evolve, field, frozen
from psycopg import sql

from ledger.runs.states import run_to_resume
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.administrate.pace.rate import RateLimit
from sync.administrate.pace.retry import RetryBudget
from sync.administrate.settings import AdministrateSettings
from sync.demo import load_tutorial_rows
from sync.reports.sync_report import JsonReport
from sync.run import SyncOptions, new_sync, resumed_sync
from sync.sandbox.company.tutorial import tutorial_tables
from sync.sandbox.control.client import ControlClient
from sync.sandbox.process import RunningSandbox
from tests.databases import opened
from tests.program import ADMSYNC, admsync, environment

# The sandbox counts no calls a minute.
UNCOUNTED = RateLimit(burst=10**6)
# What Administrate has of each entity, as the company is shipped.
SHIPPED = {
    "custom-fields": 23,
    "price-levels": 3,
    "locations": 17,
    "venues": 21,
    "instructors": 46,
    "course-templates": 84,
    "course-template-price-levels": 168,
    # They are long over.
    "events": 0,
    "sessions": 0,
}
BRIDGE = (
    "custom_fields",
    "pricelevels",
    "locations",
    "venues",
    "instructors",
    "course_templates",
    "course_template_price_levels",
    "events",
    "sessions",
)


@frozen
class Company:
    """Both sides of the company, and the program run on them as a process of its own."""

    url: str = field(repr=False)
    sandbox: RunningSandbox

    @property
    def control(self) -> ControlClient:
        return self.sandbox.control

    def admsync(
        self, *arguments: str, code: int | None = 0, settings: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs the program to its end, which must be of this exit code, if one is given."""
        given = {**self.sandbox.settings, **(settings or {})}
        done = admsync(*arguments, url=self.url, settings=given)
        assert code in (None, done.returncode), done.stdout + done.stderr
        return done

    def document(self, *arguments: str, code: int = 0) -> Any:
        """The JSON document that is all the program prints."""
        return json.loads(self.admsync(*arguments, "--json", code=code).stdout)

    def started(self, *arguments: str, url: str | None = None) -> subprocess.Popen[str]:
        """The program, under way."""
        return subprocess.Popen(
            [ADMSYNC, *arguments],
            env=environment(url or self.url, self.sandbox.settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def sync(self, *names: str, resume: bool = False, page_size: int = 100) -> JsonReport:
        """Syncs in this process, everything where nothing is named, with a client that gives up
        soon; what is raised, is raised."""
        settings = AdministrateSettings.from_environment(self.sandbox.settings)
        budget = RetryBudget(attempts=2, first_wait=0.01, first_throttled_wait=0.01)
        report = JsonReport()
        options = SyncOptions(names or tuple(SHIPPED), page_size)
        patient = evolve(settings, retries=budget, rate=UNCOUNTED)
        with opened(self.url) as database, Administrate(patient) as client:
            ledger = Ledger(database, actor="tests")
            under_way = (
                resumed_sync(ledger, client, run_to_resume(database, None), report)
                if resume
                else new_sync(ledger, client, "sync", options, report)
            )
            with under_way as run:
                run.take_all()
        return report

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def values(self, query: str, *values: object) -> list[Any]:
        """The first column of what a query finds."""
        return [row[0] for row in self.rows(query, *values)]

    def change(self, statement: str, *values: object) -> None:
        """Changes tutorial rows, as the web application would."""
        with psycopg.connect(self.url) as connection:
            connection.execute(statement.encode(), values)

    def events(self, *types: str) -> list[tuple[str, dict[str, Any]]]:
        """The subject and payload of the ledger's events of these types, in order."""
        return self.rows(
            "SELECT stream, payload FROM ledger.events WHERE type = ANY(%s) ORDER BY position",
            list(types),
        )

    def snapshot(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every bridge row and tutorial row there is, byte for byte."""
        with psycopg.connect(self.url) as connection:
            names = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('adm', 'acted')"
            ).fetchall()
            return {
                ".".join(name): connection.execute(
                    sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(*name))
                ).fetchall()
                for name in names
            }

    def location(self, name: str) -> str:
        """The Administrate id of a location of the company's."""
        return str(next(one["id"] for one in self.control.dump("Location") if one["name"] == name))

    def venue(self, name: str) -> str:
        """The Administrate id of a venue of the company's."""
        return str(next(one["id"] for one in self.control.dump("Venue") if one["name"] == name))


def fill_tutorial_side(url: str) -> None:
    """Loads the company's tutorial rows into a migrated database."""
    with psycopg.connect(url) as connection:
        load_tutorial_rows(connection, tutorial_tables())
