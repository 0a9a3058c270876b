"""Today's page, and what is done from it about a run that stopped."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest

from importer.pages.access import Access
from importer.pages.views.charts import path_of
from ledger.errors import StoppedResumably
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from ledger.values import Fields
from tests.importer.pages.serving import Served, Visit, served, until


@pytest.fixture
def stopped(company_pages: Served) -> str:
    """A sync that stopped before it had done anything."""
    ledger = Ledger(company_pages.site.database, actor="cron")
    options: Fields = {"entities": ["locations"], "page_size": 100}
    with suppress(StoppedResumably), new_run(ledger, "sync locations", options) as run:
        raise StoppedResumably("the network is gone")
    return str(run.run_id)


def test_it_tells_what_is_fresh_and_what_waits(operator: Visit) -> None:
    page = operator.json("/today")
    assert all(one["synced_at"] for one in page["entities"])
    assert {one["name"] for one in page["discrepancies"]} >= {"locations", "venues"}
    assert page["ledger"]["position"] > 0
    assert page["ledger"]["anchored"] is False
    assert "set ADMSYNC_ANCHORS" in page["ledger"]["anchoring"]
    assert "Waits for a person" in operator.page("/today")


@pytest.mark.parametrize("name", ["linked", "discrepancies"])
def test_what_is_linked_and_open_is_drawn(operator: Visit, name: str) -> None:
    points = operator.json(f"/charts/{name}")["points"]
    assert points[-1]["value"] > 10
    picture = operator.get(f"/charts/{name}.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert f">{points[-1]['value']}</text>" in picture.text
    assert str(points[-1]["value"]) in operator.page(f"/charts/{name}")


def test_a_chart_is_a_path_from_the_first_day_to_the_last() -> None:
    points = [(date(2026, 1, 1), 5), (date(2026, 1, 3), 10)]
    assert path_of(points) == "M0.0 40.0 H320.0 V0.0 H320.0"
    assert path_of([]) == ""


def test_a_run_that_stopped_is_set_aside_for_a_reason(operator: Visit, stopped: str) -> None:
    assert stopped in {one["run_id"] for one in operator.json("/today")["unfinished"]}
    done = operator.post(f"/runs/{stopped}/set-aside", {"reason": "<b>run again</b>"})
    assert done.status_code == 200
    assert operator.json(f"/runs/{stopped}")["run"]["state"] == "set aside"
    assert "&lt;b&gt;run again" in done.text
    newest = operator.json("/runs")["runs"][0]
    assert (newest["command"], newest["actor"]) == ("set-aside", "tests")


def test_a_run_that_stopped_goes_on_in_a_process_of_its_own(operator: Visit, stopped: str) -> None:
    answer = operator.post(f"/runs/{stopped}/resume", {})
    address = answer.url.removeprefix(operator.base)
    assert address.startswith("/commands/")
    ended = until(lambda: operator.json(address), lambda page: not page["running"])
    assert (ended["code"], ended["run"]["run_id"], ended["run"]["state"]) == (0, stopped, "done")
    assert f"Resuming sync locations, run {stopped}" in ended["said"]
    live = operator.get(f"{address}/live", stream=True)
    said = live.raw.read(decode_content=True).decode()
    assert said.startswith("event: progress\ndata: ")
    assert said.endswith("event: ended\ndata: \n\n")


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_no_form_of_another_session_is_taken(operator: Visit, stopped: str, token: str) -> None:
    refused = operator.post(f"/runs/{stopped}/set-aside", {"reason": "x"}, token=token)
    assert refused.status_code == 403
    assert operator.json(f"/runs/{stopped}")["run"]["state"] == "stopped"


@pytest.mark.parametrize("reason", ["", "  ", "\u200b"])
def test_a_reason_says_something(operator: Visit, stopped: str, reason: str) -> None:
    refused = operator.post(f"/runs/{stopped}/set-aside", {"reason": reason})
    assert refused.status_code == 409
    assert "reason is blank" in refused.text


def test_what_ended_is_not_set_aside_again(operator: Visit, stopped: str) -> None:
    operator.post(f"/runs/{stopped}/set-aside", {"reason": "once"})
    again = operator.post(f"/runs/{stopped}/set-aside", {"reason": "twice"})
    assert again.status_code == 409
    assert "only one that stopped is set aside" in again.text


def test_a_reader_changes_nothing(company_pages: Served, stopped: str) -> None:
    database = company_pages.site.database
    with served(database, Access(read_only=True)) as pages, pages.visited() as reader:
        assert "Set aside" not in reader.enter().page(f"/runs/{stopped}")
        refused = reader.post(f"/runs/{stopped}/set-aside", {"reason": "x"})
        assert refused.status_code == 403
        assert "takes the role of operator" in refused.text


@pytest.mark.parametrize("name", ["x", "..%2f..", "00000000-0000-0000-0000-000000000000"])
def test_a_command_that_nobody_started(operator: Visit, name: str) -> None:
    assert operator.get(f"/commands/{name}").status_code == 404
