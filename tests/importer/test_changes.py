"""An event that was imported before is told by its changed cells, and judged like a new one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from importer.reference.values import EarlierEvent, EarlierRow
from importer.validation.changes import changes
from importer.validation.earlier_events import EarlierEvents
from importer.workbook.cells import Value
from importer.workbook.grouping import Group, groups
from importer.workbook.template import COLUMNS
from tests.importer.company import (
    DAYS,
    Company,
    a_workbook,
    an_own_event,
    an_own_lms_event,
    an_own_session,
)
from tests.importer.rows import TypedRow, a_session, an_event, taught_on
from tests.importer.workbooks import read_workbook, write_rows
from tests.program import admsync

Rows = list[TypedRow]


def events(folder: Path, rows: Rows) -> list[Group]:
    sheet = read_workbook(write_rows(folder / "events.xlsx", rows, columns=COLUMNS))
    return [group for group in groups(sheet.rows) if isinstance(group, Group)]


def told(folder: Path, before: Rows, after: Rows, name: str = "events.xlsx") -> list[str] | None:
    """The changes of the first event since it was imported; None where it is a new one."""
    earlier = [
        EarlierEvent(
            f"acted.tutorial_events/{number}",
            "events.xlsx",
            tuple(EarlierRow(row.number, row.texts) for row in group.rows),
            group.event_key,
        )
        for number, group in enumerate(events(folder, before), start=1)
    ]
    group, *others = events(folder, after)
    rows = [row for one in (group, *others) for row in one.rows]
    found = EarlierEvents.of(earlier, name, rows).find(group)
    return None if found is None else [str(one) for one in changes(group, found.rows)]


def test_an_event_that_is_as_it_was_has_no_changes(tmp_path: Path) -> None:
    rows = [an_event(), a_session()]
    assert told(tmp_path, rows, rows) == []


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({"lms_start_date": date(2026, 1, 2)}, {"lms_start_date": "02/01/2026"}),
        ({"web_sale": "Y"}, {"web_sale": "yes"}),
        ({"web_sale": None}, {"web_sale": "N"}),
        (
            {"instructor": "Clara Haversham / John Smith"},
            {"instructor": "john smith; Clara Haversham"},
        ),
        ({"location": "London"}, {"location": " london "}),
        ({"max_places": 14}, {"max_places": "14"}),
        ({"zone": "Europe - London"}, {"zone": "europe/london"}),
        ({"zone": "Europe - London"}, {"zone": None}),
    ],
)
def test_a_cell_that_is_typed_otherwise_and_means_the_same_is_no_change(
    tmp_path: Path, was: dict[str, Value], now: dict[str, Value]
) -> None:
    assert told(tmp_path, [an_event(**was)], [an_event(**now)]) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"max_places": 99}, "Import!P2 Max places 14 → 99: not applied"),
        ({"event_url": "https://example.com/new"}, "Event url blank → https://example.com/new"),
        ({"venue": None}, "Venue BPP Waterloo → blank"),
        ({"lms_start_date": date(2025, 10, 29)}, "LMS start date 2025-10-22 → 2025-10-29"),
        ({"cancelled": "Y"}, "Cancelled blank → Y"),
        (
            {"venue": "BPP W\u0430terloo"},
            "BPP Waterloo → BPP W\u0430terloo (these differ: U+0061 / U+0430)",
        ),
    ],
)
def test_each_changed_cell_is_told(tmp_path: Path, changed: dict[str, Value], said: str) -> None:
    before = {"location": "London", "venue": "BPP Waterloo"}
    [line] = told(tmp_path, [an_event(**before)], [an_event(**{**before, **changed})]) or []
    assert said in line


TITLE = "ELO-CB1-01-26A"


def test_sessions_are_known_by_title_then_by_day(tmp_path: Path) -> None:
    before = [an_event(), *(a_session(session_title=f"{TITLE}-{n}", day=n) for n in (2, 3))]
    after = [
        an_event(),
        a_session(session_title=f"{TITLE}-3", day=3, session_url="https://example.com/3"),
        a_session(session_title=f"{TITLE}-renamed", day=2),
    ]
    assert [line.split(" ", 1)[1] for line in told(tmp_path, before, after) or []] == [
        "Session url blank → https://example.com/3: not applied",
        f"Session title {TITLE}-2 → {TITLE}-renamed: not applied",
    ]


def test_sessions_that_came_or_went_are_told(tmp_path: Path) -> None:
    two = [an_event(), a_session(session_title=f"{TITLE}-2")]
    three = [*two, a_session(session_title=f"{TITLE}-3", day=3)]
    assert told(tmp_path, two, three) == [f"Import!A4 row blank → {TITLE}-3: not applied"]
    assert told(tmp_path, three, two) == [
        f"Import!A2 row {TITLE}-3 (row 4 then) → blank: not applied"
    ]


def test_an_event_of_another_title_is_known_by_its_row_of_the_same_workbook(
    tmp_path: Path,
) -> None:
    b = an_event(title="B", max_places=7)
    before = [an_event(title="A"), b]
    renamed = [an_event(title="A2"), b]
    assert told(tmp_path, before, renamed) == ["Import!B2 Event title A → A2: not applied"]
    # As the row that says all else alike it is known wherever it stands.
    assert told(tmp_path, before, renamed, name="other.xlsx") == told(tmp_path, before, renamed)
    other = [an_event(title="A2", max_places=99), b]
    assert len(told(tmp_path, before, other) or []) == 2
    assert told(tmp_path, before, other, name="other.xlsx") is None
    # Its row is another's now, and the event itself stands below.
    inserted = [an_event(title="New"), an_event(title="A"), b]
    assert told(tmp_path, before, inserted) is None
    other_template = [an_event(title="A2", code="CM2_f2f_5"), b]
    assert told(tmp_path, before, other_template) is None


def test_an_event_of_another_template_is_known_by_its_row_of_the_same_workbook(
    tmp_path: Path,
) -> None:
    changed = [an_event(code="CM2_f2f_5")]
    said = ["Import!A2 Course template code CB1_LO_6 → CM2_f2f_5: not applied"]
    assert told(tmp_path, [an_event()], changed) == said
    assert told(tmp_path, [an_event()], changed, name="other.xlsx") is None


NEXT: TypedRow = {
    "sitting": "2026S",
    "lms_start_date": date(2026, 6, 1),
    **taught_on(date(2026, 7, 6)),
}


@pytest.mark.parametrize(
    "typed_over",
    [
        {"title": "NEXT", "session_title": "NEXT-1", **NEXT},  # the next sitting's
        {"title": "NEXT", "session_title": "NEXT-1", **NEXT, "sitting": "2026A"},  # another batch
        {"title": TITLE, **NEXT},  # a title that each sitting has
    ],
)
def test_another_event_in_the_row_of_an_imported_one_is_new(
    tmp_path: Path, typed_over: TypedRow
) -> None:
    assert told(tmp_path, [an_event(title=TITLE)], [an_event(**typed_over)]) is None


def test_an_event_of_the_same_title_that_starts_later_is_new_beside_the_first(
    tmp_path: Path,
) -> None:
    later = an_event(lms_start_date=date(2026, 2, 2))
    assert told(tmp_path, [an_event()], [later]) is not None
    assert told(tmp_path, [an_event()], [later, an_event()]) is None


def document(company: Company, url: str, path: Path, *arguments: str) -> tuple[int, Any]:
    given = ("import-events", str(path), "--json", *arguments)
    done = admsync(*given, url=url, settings=company.sandbox.settings)
    return done.returncode, json.loads(done.stdout)


def the_rows(**changes: Value) -> Rows:
    return [an_own_event("E", **changes), an_own_session("E", 2), an_own_lms_event("L")]


@pytest.fixture
def imported(company: Company, company_url: str, tmp_path: Path) -> Path:
    """A workbook that is imported."""
    path = a_workbook(tmp_path, *the_rows())
    code, _ = document(company, company_url, path)
    assert code == 0
    company.control.forget()
    return path


def test_an_edited_workbook_makes_nothing_and_tells_what_it_does_not_apply(
    company: Company, company_url: str, imported: Path, tmp_path: Path
) -> None:
    moved = date(2025, 9, 29)
    a_workbook(tmp_path, *the_rows(max_places=99, lms_start_date=moved), name=imported.name)
    code, plan = document(company, company_url, imported, "--dry-run")
    assert (code, plan["events"], plan["refused"]) == (0, [], [])
    changed, same = plan["skipped"]
    assert [one["column"] for one in changed["changes"]] == ["LMS start date", "Max places"]
    assert changed["changes"][1] == {
        "cell": "Import!P2",
        "column": "Max places",
        "before": "14",
        "after": "99",
        "applied": False,
    }
    assert same["changes"] == []
    receipt = tmp_path / "receipt.xlsx"
    done = admsync(
        *("import-events", str(imported), "--report", str(receipt)),
        url=company_url,
        settings=company.sandbox.settings,
    )
    assert (done.returncode, company.changes()) == (0, [])
    assert "Import!P2 Max places 14 → 99: not applied" in done.stdout
    sheet = read_workbook(receipt)
    assert "not applied: P2 Max places" in str(sheet.rows[0].value("errors"))


def test_an_event_retitled_in_a_receipt_is_known_by_its_key(
    company: Company, company_url: str, imported: Path, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt.xlsx"
    document(company, company_url, imported, "--report", str(receipt))
    book = load_workbook(receipt)
    sheet = book["Import"]
    sheet.insert_rows(2, 3)
    sheet["B5"], sheet["P5"] = "E2", 99
    book.save(receipt)
    _, plan = document(company, company_url, receipt, "--dry-run")
    assert plan["events"] == []
    changed = {one["cell"]: one["after"] for one in plan["skipped"][0]["changes"]}
    assert changed == {"Import!B5": "E2", "Import!P5": "99"}


@pytest.mark.parametrize(
    "edit",
    [{"max_places": "many"}, {"location": "Paris"}, {"lms_start_date": date(2026, 12, 1)}],
)
def test_an_edited_row_that_is_wrong_is_refused_as_a_new_one_would_be(
    company: Company, company_url: str, imported: Path, tmp_path: Path, edit: dict[str, Value]
) -> None:
    a_workbook(tmp_path, *the_rows(**edit), name=imported.name)
    code, plan = document(company, company_url, imported, "--dry-run")
    assert (code, plan["events"]) == (4, [])
    assert {one["row"] for one in plan["refused"]} == {2, 3}


def test_an_imported_event_that_is_cancelled_in_the_workbook_is_told(
    company: Company, company_url: str, imported: Path, tmp_path: Path
) -> None:
    a_workbook(tmp_path, *the_rows(cancelled="Y"), name=imported.name)
    _, plan = document(company, company_url, imported, "--dry-run")
    cancelled = plan["skipped"][0]
    assert cancelled["reason"] == "cancelled"
    assert [one["column"] for one in cancelled["changes"]] == ["Cancelled"]


def test_after_a_rollback_the_same_rows_are_new(
    company: Company, company_url: str, imported: Path
) -> None:
    settings = company.sandbox.settings
    back = ("rollback", "last", "--reason", "to try again", "--yes")
    assert admsync(*back, url=company_url, settings=settings).returncode == 0
    code, plan = document(company, company_url, imported, "--dry-run")
    assert (code, [one["title"] for one in plan["events"]]) == (0, ["E", "L"])


def test_the_same_event_twice_in_a_workbook_is_told_with_what_differs(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    rows = [an_own_event("E"), an_own_event("E", max_places=20, **taught_on(DAYS[1]))]
    _, plan = document(company, company_url, a_workbook(tmp_path, *rows), "--dry-run")
    [twin] = plan["skipped"]
    assert twin["twin"] == "row 2 of this file"
    columns = [one["column"] for one in twin["changes"]]
    assert columns == ["Classroom start date", "Classroom end date", "Max places"]
