"""The empty template offers what is linked, and what is typed into it is what is read."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

from attrs import evolve
from openpyxl import load_workbook

from importer.output.empty_template import write_template
from importer.output.sample import write_sample
from importer.validation.validate import validate
from importer.validation.verdicts import Accepted
from importer.workbook.template import CURRENT
from ledger.files import NewFile
from tests.importer.references import a_reference, reference_of
from tests.importer.rows import a_session, an_event, an_lms_event
from tests.importer.verdicts import events_in
from tests.importer.workbooks import read_workbook


def test_an_empty_template_is_read_as_one_without_rows(tmp_path: Path) -> None:
    write_template(NewFile(tmp_path / "empty.xlsx"), a_reference())
    sheet = read_workbook(tmp_path / "empty.xlsx")
    assert (len(sheet.hints), sheet.rows) == (1, ())
    assert list(sheet.columns.index) == [column.key for column in CURRENT]


def test_it_has_a_frozen_header_and_formats_for_dates_and_times(tmp_path: Path) -> None:
    write_template(NewFile(tmp_path / "empty.xlsx"), a_reference())
    sheet = load_workbook(tmp_path / "empty.xlsx")["Import"]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["H"].number_format == "dd/mm/yyyy"
    assert sheet.column_dimensions["I"].number_format == "hh:mm"


def test_its_lists_offer_what_is_linked(tmp_path: Path) -> None:
    write_template(NewFile(tmp_path / "empty.xlsx"), a_reference())
    book = load_workbook(tmp_path / "empty.xlsx")
    assert book["Lists"].sheet_state == "hidden"
    columns = {column[0].value: column[1:] for column in book["Lists"].columns}
    offered = {key: [cell.value for cell in cells if cell.value] for key, cells in columns.items()}
    assert offered["code"] == ["CB1_LO_6", "CM2_f2f_5", "OC_CB1"]
    assert offered["venue"] == ["To be confirmed", "BPP Waterloo", "Live online"]
    assert offered["instructor"] == ["Clara Haversham", "John Smith", "Mary Grant Holloway"]
    assert offered["sitting"] == ["2026A"]
    lists = {str(v.sqref): v.formula1 for v in book["Import"].data_validations.dataValidation}
    assert lists["A3:A2000"] == "=Lists!$A$2:$A$4"
    assert len(lists) == len(offered)


def test_a_linked_name_that_looks_like_a_formula_is_offered_as_text(tmp_path: Path) -> None:
    place = evolve(a_reference().locations[0], name="=cmd|'/C calc'!A0")
    write_template(NewFile(tmp_path / "empty.xlsx"), a_reference(locations=(place,)))
    cells = [cell for row in load_workbook(tmp_path / "empty.xlsx")["Lists"] for cell in row]
    assert place.name in [cell.value for cell in cells]
    assert "f" not in {cell.data_type for cell in cells}


def test_rows_written_into_it_read_back_as_they_were(tmp_path: Path) -> None:
    rows = [an_event(), a_session(classroom_start_time=time(9, 30)), an_lms_event()]
    write_template(NewFile(tmp_path / "filled.xlsx"), a_reference(), rows)
    sheet = read_workbook(tmp_path / "filled.xlsx")
    assert sheet.rows[1].value("classroom_start_time") == time(9, 30)
    events = events_in(validate(sheet.rows, a_reference()))
    assert [(e.title, e.lms.start.date()) for e in events] == [
        ("ELO-CB1-01-26A", date(2025, 10, 22)),
        ("ELO-CB1-OC-26A", date(2025, 9, 1)),
    ]


def test_a_sample_is_accepted_in_full_by_the_reference_it_was_made_for(tmp_path: Path) -> None:
    reference = reference_of(
        codes=("CB1_LO_6", "CM2_f2f_5", "OC_CB1", "SP9_f2f_3"),
        places={"London": ("BPP Waterloo",), "Leeds": ()},
        people=("Clara Haversham", "John Smith"),
        sitting="2027S",
    )
    made = write_sample(NewFile(tmp_path / "sample.xlsx"), reference, events=3, sessions=2)
    verdicts = list(validate(read_workbook(tmp_path / "sample.xlsx").rows, reference))
    assert made == 3
    assert all(isinstance(verdict, Accepted) for verdict in verdicts), verdicts
    days = [[session.day for session in event.sessions] for event in events_in(verdicts)]
    assert days == [[1, 2], [1, 2], []]


def test_a_sample_leaves_out_what_the_catalogue_does_not_sell(tmp_path: Path) -> None:
    reference = a_reference(products=a_reference().products[:1])
    assert write_sample(NewFile(tmp_path / "sample.xlsx"), reference) == 1
    assert write_sample(NewFile(tmp_path / "none.xlsx"), a_reference(products=())) == 0
