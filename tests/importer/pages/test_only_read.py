"""On a server that is only read the pages show everything, follow it, and say why no form is on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from importer.pages.menu import ACTIONS, MENU
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.databases import Databases, database_name, opened
from tests.importer.pages.serving import Served, Visit, served
from tests.standby import caught_up, standby_of

CHANGING = 'method="post"'


@pytest.fixture(scope="module")
def standby(databases: Databases) -> Iterator[Databases]:
    with standby_of(databases) as found:
        yield found


@pytest.fixture
def reading(company_pages: Served, company_pages_url: str, standby: Databases) -> Iterator[Visit]:
    """An operator before the pages of a standby of the company's database."""
    caught_up(company_pages_url, standby)
    url = standby.url(database_name(company_pages_url))
    environ = {**company_pages.site.environ.process, "DATABASE_URL": url}
    with (
        opened(url) as database,
        served(database, given=environ) as pages,
        pages.visited() as visit,
    ):
        yield visit.enter()


def test_every_page_is_shown_and_says_why_its_forms_are_off(
    reading: Visit, operator: Visit
) -> None:
    paths = [path for path, _, _ in MENU] + [
        "/decisions",
        "/drift",
        "/runs/last",
        "/search?q=house",
    ]
    for path in paths:
        html = reading.page(path)
        assert "the server is a standby, which is only read; name the primary" in html, path
        assert CHANGING not in html, path
        # The pages are those of the primary, but for what stands around.
        assert reading.json(path).keys() == operator.json(path).keys(), path
    assert CHANGING in operator.page("/discrepancies?entity=venues")


def test_no_form_is_taken_on_a_standby(reading: Visit) -> None:
    for action in ACTIONS:
        refused = reading.post(action.path.replace("{", "").replace("}", ""), {})
        assert refused.status_code == 409
        assert "nothing can be changed here: the server is a standby" in refused.text


def test_a_page_of_a_standby_follows_the_primary(
    reading: Visit, company_pages: Served, company_pages_url: str, standby: Databases
) -> None:
    ledger = Ledger(company_pages.site.database, "cron")
    with new_run(ledger, "sync venues", {"entities": ["venues"]}) as run:
        caught_up(company_pages_url, standby)
        live = reading.get(f"/runs/{run.run_id}/live", stream=True)
        parts = live.iter_lines(decode_unicode=True)
        assert next(parts) == "event: progress"
        assert any("running" in line for line in parts if line.startswith("data:"))
    assert any(line == "event: ended" for line in parts)
    assert reading.json(f"/runs/{run.run_id}")["run"]["state"] == "done"
