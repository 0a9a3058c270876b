"""A workbook as people leave it, through the commands: planned, imported, corrected, imported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from importer.workbook.cells import Value
from importer.workbook.template import COLUMNS
from ledger.replay.compare import replay
from ledger.schema import acted, adm
from tests.importer.company import Company, an_own_event, an_own_lms_event, an_own_session
from tests.importer.rows import TypedRow
from tests.importer.workbooks import SHARED
from tests.program import admsync

SMALL = SHARED.parent / "workbooks"


def a_messy_workbook(path: Path) -> Path:
    """A banner, hints in prose, rows sorted downwards, another sheet's name, names typed anyhow."""
    rows: list[TypedRow] = [
        an_own_session("A", 3, session_instructor=None),
        an_own_session("B", 2) | {"day": "two"},
        an_own_event("B", web_sale=True, instructor="Jessop, Callum"),
        an_own_session("A", 2, session_instructor="Callum  Jessop & Delphine\nKirkbride"),
        an_own_event("A", classroom_start_time="9.00 am", cancelled="no"),
        an_own_lms_event("D"),
    ]
    grid: list[list[Value]] = [
        ["Sitting 2026A", None, "for operations"],
        [],
        [*(column.header for column in COLUMNS), "Remarks"],
        ["To be filled in from the list of courses.", None, "As it stands there."],
        [str(number) for number in range(len(COLUMNS))],
        *([row.get(column.key) for column in COLUMNS] for row in rows),
    ]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "2026A"
    for values in grid:
        sheet.append(values)
    book.save(path)
    return path


def test_a_messy_workbook_is_planned_imported_corrected_and_imported_again(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path = a_messy_workbook(tmp_path / "messy.xlsx")
    receipt, settings = tmp_path / "receipt.xlsx", company.sandbox.settings

    plan = admsync("import-events", str(path), "--dry-run", url=company_url, settings=settings)
    assert plan.returncode == 4, plan.stderr
    told = plan.stdout
    assert "Taken for hints, not imported: 2" in told
    assert "  · row 4: 'To be filled in from the list of courses.'" in told
    assert "  · row 5: '0'" in told
    assert "! 2026A!C6 Session title 'A-3': goes to 'A' in row 10, though it stands above" in told
    assert "! 2026A!C9 Session title 'A-2': goes to 'A' in row 10, though it stands under" in told
    assert "! 2026A!S6 Session instructor '': nobody teaches this session" in told
    assert "header 'Remarks': no column of the template" in told
    assert "2026A!U7 Day 'two': not a whole number" in told
    assert "2026A!R8 Instructor 'Jessop, Callum': typed last name first" in told
    assert "nearest 'Callum Jessop'" in told

    as_json = admsync(
        "import-events", str(path), "--dry-run", "--json", url=company_url, settings=settings
    )
    document = json.loads(as_json.stdout)
    assert document["hints"] == [4, 5]
    assert {one["cell"] for one in document["warnings"]} >= {"2026A!C6", "2026A!C9", "2026A!S6"}

    arguments = ("import-events", str(path), "--report", str(receipt))
    done = admsync(*arguments, url=company_url, settings=settings)
    assert done.returncode == 4, done.stderr
    assert "goes to 'A' in row 10" in done.stdout
    assert "2026A!U7 Day 'two'" in done.stdout
    assert company.rows(adm.EVENTS, "title") == [("A",), ("D",)]
    titles = [title for (title,) in company.rows(acted.SESSIONS, "title")]
    assert titles[-3:] == ["A-1", "A-2", "A-3"]

    book = load_workbook(receipt)
    assert book.sheetnames == ["2026A", "Problems", "Receipt"]
    assert book["2026A"]["A1"].value == "Sitting 2026A"
    book["2026A"]["U7"], book["2026A"]["R8"] = 2, "Callum Jessop"
    book.save(tmp_path / "corrected.xlsx")
    again = admsync(
        "import-events", str(tmp_path / "corrected.xlsx"), url=company_url, settings=settings
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert company.rows(adm.EVENTS, "title") == [("A",), ("D",), ("B",)]
    assert len(company.rows(adm.SESSIONS)) == 5
    assert replay(company.database).ok

    traced = admsync("history", "--cell", str(path), "2026A!C6", url=company_url)
    assert traced.returncode == 0, traced.stderr
    assert "2026A!C6 of messy.xlsx, Session title 'A-3'" in traced.stdout


@pytest.mark.skipif(not SMALL.exists(), reason="the shared workbooks are not there")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sorted-by-title", (0, 4)),
        ("uncalculated-formula", (4,)),
        ("prose-hints", (0, 4)),
        ("doubled-space", (0, 4)),
        ("two-sheets", (1,)),
    ],
)
def test_a_shared_workbook_ends_without_a_traceback(
    company: Company, company_url: str, name: str, code: tuple[int, ...]
) -> None:
    settings, path = company.sandbox.settings, SMALL / f"{name}.xlsx"
    done = admsync("import-events", str(path), "--dry-run", url=company_url, settings=settings)
    assert done.returncode in code, done.stderr
    assert "Traceback" not in done.stderr
