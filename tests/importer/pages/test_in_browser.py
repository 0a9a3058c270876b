"""The pages in a real browser: wide and narrow, by keyboard, without scripts, a whole day of work.

Skipped where playwright or Chromium is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.importer.company import Company, a_workbook, an_own_event
from tests.importer.imported_events import FAR, ids, write
from tests.importer.imported_events import imported as imported_to_come
from tests.importer.pages.browsing import NARROW, WIDE, Browsing, browsing, started_browser
from tests.importer.pages.serving import Served, Visit
from tests.importer.rows import TypedRow, taught_on

PAGES = (
    *("/today", "/discrepancies?entity=venues", "/drift", "/decisions", "/import", "/events"),
    *(
        "/ledger/30",
        "/runs",
        "/runs/last",
        "/search?q=house",
        "/charts/linked",
        "/enter",
        "/nowhere",
    ),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from started_browser()


@pytest.fixture
def own_pages(visit: Visit) -> Served:
    """The pages of a company of the test's own."""
    return Served(visit.base, visit.site)


def to_come(title: str, **changes: Any) -> TypedRow:
    """An event in London that has not begun yet."""
    place = {"code": "CB1_f2f_3", "location": "London", "venue": "Blackfriars House"}
    days = {**taught_on(date(2099, 3, 2)), "lms_start_date": date(2099, 2, 1)}
    return an_own_event(title, **{**place, **days, "lms_end_date": FAR, **changes})


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_every_page_fits_and_is_accessible(
    browser: Any, own_pages: Served, company: Company, tmp_path: Path, size: tuple[int, int]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe is not here")
    imported_to_come(company, tmp_path)
    with browsing(browser, own_pages, size) as seen:
        _look_at_plan(seen, _messy(tmp_path))
        records = ("/records/acted.tutorial_events/3", "/runs/last/rollback")
        plan = seen.page.url.removeprefix(seen.base)
        for path in (plan, *records, *_plans(seen, tmp_path), *PAGES):
            seen.go(path)
            # What is folded has to fit and to be read as well.
            seen.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert not seen.overflows(), path
            seen.page.evaluate(axe.AXE_SCRIPT)
            found = seen.page.evaluate("axe.run()")
            serious = [one for one in found["violations"] if one["impact"] in SERIOUS]
            assert [(path, one["id"], one["nodes"][0]["html"]) for one in serious] == []
        assert seen.elsewhere == []
        assert [one for one in seen.errors if "404" not in one] == []


SERIOUS = ("serious", "critical")


def _plans(seen: Browsing, folder: Path) -> Iterator[str]:
    """The addresses of plans: a creation before and after its place is said, a change of events,
    a spreadsheet."""
    seen.go("/discrepancies?entity=locations")
    created = str(seen.page.locator("a[data-key=c]").first.get_attribute("href"))
    yield created
    place = seen.page.request.get(f"{seen.base}{created}").text().partition('<option value="')[2]
    yield f"{created}&within={quote(place.partition(chr(34))[0])}"
    seen.go("/events")
    event = seen.page.locator("input[name=event]").first.get_attribute("value")
    yield f"/events/plan?do=cancel&event={quote(str(event))}"
    exported = folder / "open.xlsx"
    exported.write_bytes(seen.page.request.get(f"{seen.base}/discrepancies/open.xlsx").body())
    seen.go("/discrepancies")
    seen.page.set_input_files("section #workbook", str(exported))
    seen.page.click("section button:has-text('Look at its plan')")
    seen.page.wait_for_url("**/spreadsheet/*")
    yield seen.page.url.removeprefix(seen.base)


def _messy(folder: Path) -> Path:
    rows = (to_come("GOOD"), to_come("BAD", venue="Blackfrairs House", instructor="Callum Jesop"))
    return a_workbook(folder, *rows, name="messy.xlsx")


def _look_at_plan(seen: Browsing, workbook: Path) -> None:
    """Drops a workbook, and waits for the page of its plan, with its scripts."""
    seen.go("/import")
    seen.page.set_input_files("#workbook", str(workbook))
    seen.page.click("text=Look at its plan")
    seen.page.wait_for_url("**/import/*", wait_until="load")


def test_a_pair_is_accepted_by_keyboard_alone(browser: Any, own_pages: Served) -> None:
    with browsing(browser, own_pages) as seen:
        seen.go("/discrepancies?entity=venues&outcome=suggested")
        first = seen.page.inner_text("[data-row] .left a")
        for key in ("j", "a"):
            seen.page.keyboard.press(key)
        seen.page.keyboard.type("as the lease says")
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_selector("text=Recorded in run")
        seen.go("/decisions")
        assert "accept" in seen.text()
        assert first.partition(" (")[0] in seen.text()
        assert seen.errors == []


def test_a_record_is_created_by_keyboard_alone(
    browser: Any, own_pages: Served, company: Company
) -> None:
    with browsing(browser, own_pages) as seen:
        seen.go("/discrepancies?entity=locations&outcome=unmatched")
        for key in ("j", "c"):
            seen.page.keyboard.press(key)
        seen.page.wait_for_url("**/discrepancies/create**", wait_until="load")
        for button in ("Show the plan", "Create 1 record in Administrate"):
            seen.page.focus(f"button:has-text('{button}')")
            seen.page.keyboard.press("Enter")
        _done(seen)
        assert company.changes() == ["location.create"]
        assert seen.errors == []


def test_a_record_is_ignored_until_a_day_on_a_telephone_without_scripts(
    browser: Any, own_pages: Served
) -> None:
    with browsing(browser, own_pages, NARROW, scripts=False) as seen:
        seen.go("/discrepancies?entity=locations&outcome=unmatched")
        name = seen.page.inner_text("[data-row] .left a")
        seen.page.click("[data-row] summary")
        seen.page.fill("[data-row] input[name=reason]", "not this year")
        seen.page.fill("[data-row] input[name=until]", "2099-01-31")
        seen.page.click("[data-row] button:has-text('Ignore')")
        assert "Recorded in run" in seen.text()
        seen.go("/decisions")
        assert name.strip() in seen.text()
        assert "until 2099-01-31" in seen.text()
        seen.page.click("summary:has-text('Withdraw')")
        seen.page.fill("input[name=reason]", "it is needed")
        seen.page.click("button:has-text('Withdraw')")
        assert "No current decisions." in seen.text()


def test_the_keys_lead_to_the_next_problem(browser: Any, own_pages: Served, tmp_path: Path) -> None:
    with browsing(browser, own_pages) as seen:
        _look_at_plan(seen, _messy(tmp_path))
        seen.page.keyboard.press("n")
        focused = "document.activeElement.innerText"
        cells = [seen.page.evaluate(focused)]
        seen.page.keyboard.press("n")
        cells.append(seen.page.evaluate(focused))
        assert len(set(cells)) == 2
        seen.page.keyboard.press("p")
        assert seen.page.evaluate(focused) == cells[0]


def test_without_scripts_pages_read_and_forms_work(browser: Any, own_pages: Served) -> None:
    with browsing(browser, own_pages, scripts=False) as seen:
        seen.go("/discrepancies?entity=venues&outcome=suggested")
        seen.page.click("[data-row] summary")
        seen.page.fill("[data-row] input[name=reason]", "two houses")
        seen.page.click("[data-row] button:has-text('Reject')")
        assert "Recorded in run" in seen.text()
        seen.page.fill("#search", "friars")
        seen.page.press("#search", "Enter")
        assert "Blackfriars House" in seen.text()


def _done(seen: Browsing) -> None:
    """Waits for the end of a command, which its page follows by itself."""
    seen.page.wait_for_selector("text=To the run")


def test_an_operators_day(
    browser: Any, own_pages: Served, company: Company, tmp_path: Path
) -> None:
    wrong = a_workbook(tmp_path, to_come("ONE"), to_come("TWO", venue="Blackfrairs House"))
    corrected = a_workbook(tmp_path, to_come("ONE"), to_come("TWO"), name="corrected.xlsx")
    with browsing(browser, own_pages) as seen:
        page = seen.page
        # The workbook is dropped, its problems read, the corrected one dropped and imported.
        for file in (wrong, corrected):
            _look_at_plan(seen, file)
            if file is wrong:
                assert "nearest “Blackfriars House”" in seen.text()
        assert "2 events with 2 sessions to make in both systems." in seen.text()
        page.click("text=exactly this plan")
        _done(seen)
        page.click("text=To the run")
        imported = page.url
        # One of its events is published.
        seen.go("/events?sitting=2026A")
        page.check("[aria-label='Tick ONE']")
        page.click("text=Show the plan")
        assert "1 event" in seen.text()
        page.click("button:has-text('Publish')")
        _done(seen)
        # Somebody moves its end in Administrate, somebody else in the web application.
        company.control.edit(ids(company)[0], lmsEnd="2099-08-01T00:00:00")
        write(
            company, "UPDATE acted.tutorial_events SET end_date = '2099-07-01' WHERE code = 'ONE'"
        )
        seen.go("/today")
        page.click("text=Sync all now")
        _done(seen)
        # The conflict is seen and settled.
        seen.go("/drift")
        assert "2099-08-01" in seen.text()
        page.click("summary:has-text('Settle')")
        page.fill("input[name=reason]", "agreed by telephone")
        page.click("text=Administrate's holds")
        seen.go("/drift")
        assert "conflict" not in seen.text()
        # The import is rolled back: the event that was published stays.
        page.goto(imported)
        page.click("text=Rehearse a rollback")
        assert "Kept" in seen.text()
        page.fill("#reason", "another sitting")
        page.click("button:has-text('Roll back')")
        _done(seen)
        assert [
            one["title"] for one in company.control.dump("Event") if one["title"] in TITLES
        ] == ["ONE"]
        assert seen.errors == []
        assert seen.elsewhere == []


TITLES = ("ONE", "TWO")
