"""A cell of a workbook tells what became of its row, and a record tells which row it came from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from importer.dual_write.outcome import write_run_receipt
from importer.history import cell_of, outcomes_of
from importer.workbook.archive import read_file
from importer.workbook.column import CellKind
from importer.workbook.template import COLUMNS
from ledger.database.connection import driver
from ledger.errors import UsageRefused
from ledger.history.workbook_rows import Outcome
from ledger.schema import acted, adm
from ledger.store.blobs import blob_digest
from tests.importer.company import (
    Company,
    a_workbook,
    an_own_event,
    an_own_lms_event,
    an_own_session,
)
from tests.importer.rows import TypedRow
from tests.importer.workbooks import write_rows
from tests.program import admsync
from tests.rollback.rolling_back import last_run, rolled_back

# In the workbooks of these tests column B is Event title, and E is Location.


MOMENTS = [column.key for column in COLUMNS if column.kind in (CellKind.DATE, CellKind.TIME)]


def a_hinted_workbook(folder: Path) -> Path:
    """A header, a row of hints, an event in row 3 and its second day in row 4."""
    hints: TypedRow = {"code": "e.g. CB1_LO_6", "title": "Free text", "day": "Number"}
    return write_rows(folder / "events.xlsx", [hints, an_own_event("A"), an_own_session("A")])


def outcomes(company: Company, path: Path, typed: str, until: int | None = None) -> list[Outcome]:
    with company.database.transaction() as connection:
        return outcomes_of(driver(connection), cell_of(read_file(path), typed), until=until)


def told(found: Iterable[Outcome]) -> list[tuple[str, str, int]]:
    """Of each outcome: the workbook, what became of the row, its number there."""
    return [(one.workbook.name, type(one.row).__name__, one.row.row) for one in found]


def history(url: str, *arguments: str) -> str:
    done = admsync("history", *arguments, url=url)
    assert done.returncode == 0, done.stderr
    return done.stdout


def edited(path: Path, name: str, edit: Callable[[list[list[Any]]], object]) -> Path:
    """A copy of a workbook in which the rows under the header were edited."""
    book = load_workbook(path)
    sheet = book["Import"]
    rows = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
    edit(rows)
    sheet.delete_rows(2, sheet.max_row)
    for row in rows:
        sheet.append(row)
    book.save(path.with_name(name))
    return path.with_name(name)


@pytest.mark.parametrize("typed", ["Import!E3", "E3", "e3", "'import'!$E$3", " import!E3 "])
def test_a_cell_is_meant_in_any_of_the_ways_people_write_it(tmp_path: Path, typed: str) -> None:
    cell = cell_of(read_file(a_hinted_workbook(tmp_path)), typed)
    assert (cell.sought.number, cell.column, cell.value) == (3, "Location", "Live online")
    assert str(cell) == "Import!E3 of events.xlsx, Location 'Live online'"


def test_a_row_is_meant_by_its_number_alone(tmp_path: Path) -> None:
    path = a_hinted_workbook(tmp_path)
    assert cell_of(read_file(path), "3").sought == cell_of(read_file(path), "Import!E3").sought
    assert str(cell_of(read_file(path), "Import!3")) == "Import!3 of events.xlsx"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("E1", "row 1 is the header; the events stand in rows 3 to 4"),
        ("Import!A2", "row 2 explains the columns; the events stand in rows 3 to 4"),
        ("E5", "row 5 is empty; the events stand in rows 3 to 4"),
        ("Lists!E3", "sheet 'Lists' is never imported, only 'Import'"),
        ("E", "'E' is no cell; type 'Import!H27', H27 or, for a whole row, 27"),
        ("E0", "'E0' is no cell"),
        ("E3:E4", "'E3:E4' is no cell"),
        ("", "'' is no cell"),
    ],
)
def test_what_is_no_cell_of_a_row_is_refused(tmp_path: Path, typed: str, why: str) -> None:
    with pytest.raises(UsageRefused) as refused:
        cell_of(read_file(a_hinted_workbook(tmp_path)), typed)
    assert why in str(refused.value)


def test_a_sheet_without_an_event_has_no_cell_to_ask_about(tmp_path: Path) -> None:
    with pytest.raises(UsageRefused, match="holds no event"):
        cell_of(read_file(write_rows(tmp_path / "empty.xlsx", [])), "E2")


def test_a_cell_tells_what_both_systems_made_of_its_row(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path = a_workbook(tmp_path, an_own_event("A"), an_own_session("A"))
    company.imported(path)
    [*_, (event, code)] = company.rows(acted.EVENTS, "id", "code")
    [*_, first, second] = [key for (key,) in company.rows(acted.SESSIONS, "id")]
    [(remote,)] = company.rows(adm.EVENTS, "external_id")
    days = [key for (key,) in company.rows(adm.SESSIONS, "external_id")]

    lines = history(company_url, "--cell", str(path), "Import!E2").splitlines()
    assert lines[0] == "Import!E2 of events.xlsx, Location 'Live online'"
    assert "this file" in lines[1]
    assert lines[2].startswith("    Row 2 accepted, to make acted.tutorial_events/")
    linked = [line.partition(" since")[0] for line in lines if "  linked with" in line]
    assert linked == [
        f"  linked with adm.events/{remote} (A)",
        f"  linked with adm.sessions/{days[0]} (A-1)",
    ]
    assert lines[4] == f"acted.tutorial_events/{event} ({code})"
    assert f"acted.tutorial_sessions/{first} (A-1)" in lines

    content = path.read_bytes()
    path.unlink()
    kept = history(company_url, "--cell", path.name, "Import!E2")
    assert kept.splitlines()[:3] == lines[:3]
    digest = blob_digest(content).hex()
    events = json.loads(history(company_url, "--cell", digest[:12], "3", "--json"))
    assert [event["position"] for event in events] == sorted({e["position"] for e in events})
    about = {subject for event in events for subject in event["subjects"]}
    assert {f"acted.tutorial_sessions/{second}", f"adm.sessions/{days[1]}"} <= about
    assert f"acted.tutorial_sessions/{first}" not in about
    types = [event["type"] for event in events]
    assert types[:3] == ["WorkbookRead", "RowAccepted", "TutorialSessionCreated"]
    assert {"RecordObserved", "MatchDecided", "RecordIdentified", "WriteAnswered"} <= set(types)


def test_a_record_tells_the_row_it_was_made_from(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    company.imported(a_workbook(tmp_path, an_own_event("A"), an_own_session("A")))
    [(event,)] = company.rows(adm.EVENTS, "external_id")
    [*_, session] = [key for (key,) in company.rows(acted.SESSIONS, "id")]
    of_event = history(company_url, f"adm.events/{event}")
    assert "  made from row 2 of events.xlsx, sheet Import, position " in of_event
    of_session = history(company_url, f"acted.tutorial_sessions/{session}")
    assert "  made from row 3 of events.xlsx, sheet Import, position " in of_session
    assert "made from" not in history(company_url, "Blackfriars House")


def test_a_refused_row_tells_what_was_wrong_with_the_cell(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    rows = [an_own_event("F", location="Paris"), an_own_session("F"), an_own_event("A")]
    path = a_workbook(tmp_path, *rows)
    company.imported(path)
    location = history(company_url, "--cell", str(path), "E2")
    assert "\n    Import!E2 Location 'Paris': no linked location of that name; " in location
    title = history(company_url, "--cell", str(path), "B2")
    assert "\n    Row 2 refused\n    not for this cell, but for E2\n" in title
    session = history(company_url, "--cell", str(path), "B3")
    assert "\n    Row 3 refused: set aside with its event: see row 2\n" in session


def test_a_first_row_without_dates_is_no_hint_where_its_code_is_known(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    undated = an_own_event("F") | dict.fromkeys(MOMENTS)
    path = a_workbook(tmp_path, undated, an_own_event("A"))
    company.imported(path)
    assert "\n    Row 2 refused\n" in history(company_url, "--cell", str(path), "A2")


def test_a_receipt_corrected_and_sorted_anew_tells_of_both_imports(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    rows = [an_own_event("A"), an_own_event("F", location="Paris"), an_own_session("F")]
    path, receipt = a_workbook(tmp_path, *rows), tmp_path / "receipt.xlsx"
    write_run_receipt(company.imported(path), receipt)

    def correct(rows: list[list[Any]]) -> None:
        rows[1][4] = "Live online"
        rows.reverse()

    corrected = edited(receipt, "corrected.xlsx", correct)
    # Not imported yet, its rows are those of the first import.
    assert told(outcomes(company, corrected, "2")) == [("events.xlsx", "RowRefused", 4)]
    assert told(outcomes(company, corrected, "3")) == [("events.xlsx", "RowRefused", 3)]
    not_yet = history(company_url, "--cell", str(corrected), "E4")
    assert "This very file was never imported; its row was, from another:" in not_yet
    company.imported(corrected)
    for number, before in ((2, 4), (3, 3)):
        assert told(outcomes(company, corrected, str(number))) == [
            ("events.xlsx", "RowRefused", before),
            ("corrected.xlsx", "RowAccepted", number),
        ]
    assert told(outcomes(company, path, "2")) == [
        ("events.xlsx", "RowAccepted", 2),
        ("corrected.xlsx", "RowSkipped", 4),
    ]


def test_a_row_imported_again_after_a_rollback_tells_of_each_run(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path = a_workbook(tmp_path, an_own_lms_event("D"))
    company.imported(path)
    rolled_back(company, last_run(company).run_id)
    once = history(company_url, "--cell", str(path), "A2")
    company.imported(path)
    [first, second] = outcomes(company, path, "A2")
    assert first.made != second.made
    twice = history(company_url, "--cell", str(path), "A2")
    runs = [line.rpartition("(")[2] for line in twice.splitlines()[1:5:2]]
    assert runs == ["undone):", "done):"]
    for printed in (once, twice):
        assert f"\n{first.made[0]} (D)\n  gone since " in printed
    assert f"\n{second.made[0]} (D)\n  linked with adm.events/" in twice
    assert outcomes(company, path, "A2", until=first.recorded.position) == [first]
    with pytest.raises(UsageRefused, match="by then, no import had read row 2"):
        outcomes(company, path, "A2", until=first.recorded.position - 1)


def test_an_event_is_recognised_as_an_import_would_though_its_row_was_changed(
    company: Company, tmp_path: Path
) -> None:
    company.imported(a_workbook(tmp_path, an_own_event("A"), an_own_session("A")))
    event, session = an_own_event("A", max_places=3), an_own_session("A", 2, venue="TBC")
    changed = a_workbook(tmp_path, an_own_event("B"), event, name="changed.xlsx")
    assert told(outcomes(company, changed, "3")) == [("events.xlsx", "RowAccepted", 2)]
    changed = a_workbook(tmp_path, an_own_event("A"), session, name="day.xlsx")
    assert told(outcomes(company, changed, "3")) == [("events.xlsx", "RowAccepted", 3)]


def test_rows_that_say_the_same_are_told_apart_by_their_events(
    company: Company, tmp_path: Path
) -> None:
    day = an_own_session("", session_title="Day 2")
    events = (an_own_event(title, session_title="Day 1") for title in "AB")
    first = [row for event in events for row in (event, day)]
    company.imported(a_workbook(tmp_path, *first))
    path = a_workbook(tmp_path, *first[2:], *first[:2], name="sorted.xlsx")
    assert told(outcomes(company, path, "3")) == [("events.xlsx", "RowAccepted", 5)]
    assert told(outcomes(company, path, "5")) == [("events.xlsx", "RowAccepted", 3)]
    other = an_own_event("C", session_title="Day 1")
    stranger = a_workbook(tmp_path, other, day, name="stranger.xlsx")
    with pytest.raises(UsageRefused, match="no import has read row 3 of stranger"):
        outcomes(company, stranger, "3")


def test_a_row_that_no_import_has_read_is_not_there(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    done = admsync(
        "history", "--cell", str(a_workbook(tmp_path, an_own_event("A"))), "A2", url=company_url
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "no import has read row 2 of events.xlsx, from this file or another" in done.stderr
    assert not company.changes()


def test_history_is_of_a_record_or_of_a_cell(company_url: str, tmp_path: Path) -> None:
    path = str(a_hinted_workbook(tmp_path))
    plain = tmp_path / "plain.xlsx"
    plain.write_text("no workbook")
    for arguments, code, why in (
        ([], 2, "either a RECORD or, with --cell, a cell"),
        (["A", "--cell", path, "E3"], 2, "either a RECORD or, with --cell, a cell"),
        (["--cell", str(plain), "E3"], 1, "plain.xlsx is no Excel workbook"),
        (["--cell", path, "E1"], 2, "events.xlsx: row 1 is the header"),
        (["--cell", "none.xlsx", "E1"], 2, "none.xlsx is no file here, and none that was imported"),
    ):
        done = admsync("history", *arguments, url=company_url)
        assert (done.returncode, done.stdout) == (code, "")
        assert why in done.stderr
        assert "Traceback" not in done.stderr
