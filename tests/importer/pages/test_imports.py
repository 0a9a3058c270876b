"""A workbook is dropped, looked at on its cells, imported as the plan that was shown, undone."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
import requests
from openpyxl import load_workbook

from importer.pages.grid import grid_of
from importer.pages.views.imports import ROWS_A_PAGE
from importer.reference.read import read_local_reference
from tests.importer.company import Company, a_workbook, an_own_event, an_own_session
from tests.importer.pages.serving import Visit, ended

MARKUP = "<script>alert(1)</script>"


def dropped(visit: Visit, path: Path) -> requests.Response:
    """What the operator sees who drops a workbook."""
    files = {"workbook": (path.name, path.read_bytes())}
    return visit.post("/import", {}, files=files)


def address_of(visit: Visit, answer: requests.Response) -> str:
    assert answer.status_code == 200, answer.text
    return answer.url.removeprefix(visit.base)


def messy(folder: Path, name: str = "messy.xlsx") -> Path:
    return a_workbook(
        folder,
        an_own_event("GOOD"),
        an_own_session("GOOD"),
        an_own_event(MARKUP, venue="Blackfrairs House", location="London", code="CB1_f2f_3"),
        an_own_event("OTHER", venue="Blackfrairs House", location="London", code="CB1_f2f_3"),
        name=name,
    )


def test_the_grid_marks_the_cells_and_counts_the_rows(company: Company, tmp_path: Path) -> None:
    grid = grid_of(company.prepared(messy(tmp_path)))
    assert grid.counts()["problems"] == 2
    assert grid.counts()["new"] == 2
    assert grid.headers[grid.title] == "Event title"
    bad = [cell for row in grid.of("problems") for cell in row.cells if cell.kind == "bad"]
    assert {cell.text for cell in bad} == {"Blackfrairs House"}
    assert "nearest 'Blackfriars House'" in bad[0].said[0]


def test_a_plan_tells_what_is_wrong_once_and_where(visit: Visit, tmp_path: Path) -> None:
    answer = dropped(visit, messy(tmp_path))
    page = visit.json(address_of(visit, answer))
    [problem] = page["problems"]
    assert (problem["value"], len(problem["cells"])) == ("Blackfrairs House", 2)
    assert page["verdict"] == "1 event with 2 sessions to make in both systems; 2 refused."
    assert MARKUP not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert visit.json("/import")["imports"] == []


def test_a_workbook_is_imported_as_it_was_shown_and_rolled_back(
    visit: Visit, tmp_path: Path, company: Company
) -> None:
    address = address_of(visit, dropped(visit, messy(tmp_path, "Sitzung <2>.xlsx")))
    plan = visit.json(address)["plan"]
    imported = ended(visit, visit.post(f"{address}/carry-out", {"plan": plan}))
    assert imported["code"] == 4, imported["said"]
    assert "created 1 event in Administrate" in imported["progress"]["did"]
    run = f"/runs/{imported['run']['run_id']}"
    receipt = load_workbook(BytesIO(visit.get(f"{run}/receipt.xlsx").content))
    outcomes = {row[0].value for row in receipt["Import"].iter_rows(min_row=2) if row[0].value}
    assert outcomes
    assert visit.get(f"{run}/workbook.xlsx").content == (tmp_path / "Sitzung <2>.xlsx").read_bytes()
    again = visit.json(address)
    assert (again["tabs"]["there"], again["counts"]["events"]) == (2, 0)
    rehearsal = visit.json(f"{run}/rollback")
    assert rehearsal["plan"]["verdict"].startswith("Rolls back 1 event of import-events")
    assert "deleted in both systems" in visit.page(f"{run}/rollback")
    undone = ended(visit, visit.post(f"{run}/rollback", {"reason": "-- <i>wrong</i> sitting"}))
    assert undone["code"] == 0, undone["said"]
    assert visit.json(run)["run"]["state"] == "undone"
    assert [one for one in company.control.dump("Event") if one["title"] == "GOOD"] == []


def test_a_product_is_chosen_from_the_plan(visit: Visit, company: Company, tmp_path: Path) -> None:
    address = address_of(visit, dropped(visit, messy(tmp_path)))
    products = read_local_reference(company.database).products
    product = next(one.code for one in products if one.exam_session == "2026-04")
    about = {"course_template": "CB1_LO_6", "sitting": "2026A", "location": "Live online"}
    fields = {**about, "product": product, "reason": "looked it up"}
    chosen = ended(visit, visit.post(f"{address}/choose-product", fields))
    assert chosen["code"] == 0, chosen["said"]
    [decision] = visit.json("/decisions")["decisions"]
    assert (decision["decision"], decision["reason"]) == ("product", "looked it up")


def test_another_plan_than_the_one_shown_is_not_run(visit: Visit, tmp_path: Path) -> None:
    address = address_of(visit, dropped(visit, messy(tmp_path)))
    assert visit.post(f"{address}/carry-out", {"plan": "0" * 64}).status_code == 409
    assert visit.json("/import")["imports"] == []


def test_a_long_sheet_is_paged(visit: Visit, tmp_path: Path) -> None:
    rows = [an_own_event(f"E{number}") for number in range(ROWS_A_PAGE + 1)]
    address = address_of(visit, dropped(visit, a_workbook(tmp_path, *rows)))
    first = visit.json(address)
    assert (len(first["rows"]), first["pages"], first["tabs"][""]) == (50, 2, 51)
    assert len(visit.json(first["on"])["rows"]) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"", "no workbook was chosen"),
        ("a.xlsx", b"PK\x03\x04", "is no Excel workbook"),
        ("../../<b>.csv", b"a,b", "&lt;b&gt;.csv"),
    ],
)
def test_what_is_no_workbook_is_refused(
    operator: Visit, name: str, content: bytes, said: str
) -> None:
    answer = operator.post("/import", {}, files={"workbook": (name, content)})
    assert answer.status_code == 409
    assert said in answer.text


@pytest.mark.parametrize("digest", ["0" * 64, "%2e%2e%2fetc", "x"])
def test_a_workbook_that_is_not_kept(operator: Visit, digest: str) -> None:
    assert operator.get(f"/import/{digest}").status_code == 404
    answer = operator.post(f"/import/{digest}/carry-out", {"plan": "x"})
    assert answer.status_code in (404, 409)


def test_a_run_without_a_receipt_and_a_workbook(operator: Visit) -> None:
    for name in ("receipt.xlsx", "workbook.xlsx"):
        assert operator.get(f"/runs/last/{name}").status_code == 404


def test_an_empty_template_is_handed_out(operator: Visit) -> None:
    book = load_workbook(BytesIO(operator.get("/import/template.xlsx").content))
    assert book["Import"]["A1"].value == "Course template code"
