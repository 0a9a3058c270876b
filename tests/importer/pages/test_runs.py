"""The runs and one run, as pages and as JSON."""

from __future__ import annotations

import pytest

from importer.pages.views.runs import EVENTS_A_PAGE, RUNS_A_PAGE
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.importer.pages.serving import Served, Visit
from tests.ledger.record_events import changed, linked, named, observed, tutorial_venue

MARKUP = "<script>alert(1)</script> \x1b[31m \u202e\"'&"


@pytest.fixture(scope="module")
def told(pages: Served) -> Served:
    """Runs that told of a venue, of a person, and of much else; the newest failed."""
    ledger = Ledger(pages.site.database, actor=MARKUP.replace("\x1b", ""))
    tutorial = tutorial_venue(ledger.database, MARKUP)
    for number in range(RUNS_A_PAGE):
        with new_run(ledger, f"sync venues {number}") as run:
            run.counts["created"] = number
    with new_run(ledger, "sync venues", {"entities": ["venues"], "why": MARKUP}) as run:
        run.append(
            observed("adm.venues", "V1", 1, name=MARKUP),
            linked("adm.venues", "V1", 1, tutorial),
            observed("adm.instructors", "C1", 1, **named("Zebedee", "Quillfeather")),
            *(
                changed("adm.venues", "V1", 1, name=(MARKUP + "x" * (n - 1), MARKUP + "x" * n))
                for n in range(1, EVENTS_A_PAGE + 1)
            ),
        )
    with pytest.raises(ZeroDivisionError), new_run(ledger, "import-events"):
        raise ZeroDivisionError
    return pages


@pytest.fixture
def visit(told: Served, inside: Visit) -> Visit:  # noqa: ARG001 - what was told is on the pages
    return inside


def test_the_runs_are_paged_newest_first(visit: Visit) -> None:
    first = visit.json("/runs")
    assert [one["command"] for one in first["runs"][:3]] == [
        "import-events",
        "sync venues",
        f"sync venues {RUNS_A_PAGE - 1}",
    ]
    second = visit.json(first["older"])
    assert len(first["runs"]) == RUNS_A_PAGE
    assert [one["command"] for one in second["runs"]] == ["sync venues 1", "sync venues 0"]
    assert second["older"] is None


def test_the_runs_of_a_kind(visit: Visit) -> None:
    assert [one["command"] for one in visit.json("/runs?kind=import-events")["runs"]] == [
        "import-events"
    ]


def test_a_page_and_its_json_say_the_same(visit: Visit) -> None:
    [failed] = visit.json("/runs?kind=import-events")["runs"]
    page = visit.page("/runs?kind=import-events")
    for said in (failed["run_id"], failed["state"], failed["reason"], failed["actor"][:3]):
        assert said.replace("<", "&lt;") in page
    assert visit.get("/runs.json?kind=import-events").json()["runs"] == [failed]


def test_a_run_s_events_are_paged_by_position(visit: Visit) -> None:
    run = visit.json("/runs")["runs"][1]["run_id"]
    first = visit.json(f"/runs/{run}")
    assert len(first["events"]) == EVENTS_A_PAGE
    rest = visit.json(first["later"])
    assert rest["events"][0]["position"] == first["events"][-1]["position"] + 1
    assert rest["later"] is None
    assert sum(first["types"].values()) == len(first["events"]) + len(rest["events"])


def test_a_run_s_events_of_a_type_and_its_failures(visit: Visit) -> None:
    only = visit.json(f"/runs/{visit.json('/runs')['runs'][1]['run_id']}?type=MatchDecided")
    assert [one["type"] for one in only["events"]] == ["MatchDecided"]
    failures = visit.json("/runs/last?type=failures")
    assert [one["type"] for one in failures["events"]] == ["RunFailed"]
    assert failures["failures"] == 1


def test_what_others_wrote_is_text(visit: Visit) -> None:
    run = visit.json("/runs")["runs"][1]["run_id"]
    for path in ("/runs", f"/runs/{run}"):
        page = visit.page(path)
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert "\x1b" not in page


@pytest.mark.parametrize("path", ["/runs/0000", "/runs/last?after=x", "/runs?before=-1"])
def test_what_is_not_there_is_said(visit: Visit, path: str) -> None:
    answer = visit.get(path)
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text
    assert visit.get(path, headers={"accept": "application/json"}).json()["error"]
