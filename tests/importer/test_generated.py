"""Whatever workbook is drawn, what is accepted is what its maker knows to be valid."""

from __future__ import annotations

import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from importer.output.receipt import outcomes_of, write_receipt
from importer.reference.read import names_to_look_up
from importer.validation.validate import validate
from importer.validation.verdicts import Accepted, Refused, Skipped, Verdict
from importer.workbook.cells import Value
from importer.workbook.sheet import Sheet
from importer.workbook.template import COLUMNS, CURRENT
from ledger.files import NewFile
from tests.importer.references import a_reference
from tests.importer.verdicts import rows_of
from tests.importer.workbooks import Expected, Made, read_workbook, workbooks, write_grid

REFERENCE = a_reference()


def told(accepted: Accepted) -> Expected:
    """An accepted event in the terms in which its maker states it."""
    event = accepted.event
    return Expected(
        event.title,
        tuple(
            (
                session.day,
                session.span.starts_at,
                session.span.ends_at,
                tuple(accepted.names[one.external_id] for one in session.instructors),
            )
            for session in event.sessions
        ),
        event.max_places,
        event.lms.starts_at,
    )


def judge(sheet: Sheet) -> list[Verdict]:
    return list(validate(sheet.rows, REFERENCE))


@settings(max_examples=60, deadline=None)
@given(workbooks())
def test_what_is_accepted_is_exactly_what_is_valid(made: Made) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sheet = read_workbook(write_grid(Path(folder, "made.xlsx"), made.grid))
    verdicts = judge(sheet)
    accepted = [told(v) for v in verdicts if isinstance(v, Accepted)]
    refused = [v for v in verdicts if isinstance(v, Refused)]
    assert accepted == list(made.accepted)
    assert [v.title for v in verdicts if isinstance(v, Skipped)] == list(made.skipped)
    assert len(refused) == len(made.refused)
    assert all(event.errors for event in refused)
    judged = [row for v in verdicts for row in rows_of(v)]
    assert sorted(judged) == [row.number for row in sheet.rows]


@settings(max_examples=25, deadline=None)
@given(workbooks(), st.randoms(use_true_random=False))
def test_a_receipt_is_judged_as_its_workbook_was_however_it_is_sorted(
    made: Made, order: Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = read_workbook(write_grid(Path(folder, "made.xlsx"), made.grid))
        verdicts = judge(first)
        write_receipt(NewFile(Path(folder, "receipt.xlsx")), first, outcomes_of(verdicts), {})
        receipt = read_workbook(Path(folder, "receipt.xlsx"))
        grid = [list(receipt.header.cells), *(list(row.cells) for row in receipt.rows)]
        body = grid[1:]
        order.shuffle(body)
        again = read_workbook(write_grid(Path(folder, "sorted.xlsx"), [grid[0], *body]))
    accepted = {v.event.title: told(v) for v in verdicts if isinstance(v, Accepted)}
    twice = (v for v in judge(again) if isinstance(v, Accepted))
    assert {v.event.title: told(v) for v in twice} == accepted


DATES = st.dates(date(1901, 1, 1), date(9000, 1, 1))
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.builds(datetime.combine, DATES, st.times()),
    DATES,
    st.times(),
    st.timedeltas(timedelta(0), timedelta(days=1000)),
    st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn")), max_size=40),
    st.sampled_from(["Y", "CB1_LO_6", "London", "=1+1", "#REF!", "e.g. x", "Blended", time(9)]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(VALUES, max_size=len(COLUMNS) + 2), max_size=6))
def test_no_cell_ends_in_a_traceback(rows: list[list[Value]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        grid: list[list[Value]] = [[column.header for column in CURRENT], *rows]
        sheet = read_workbook(write_grid(Path(folder, "any.xlsx"), grid))
        names_to_look_up(sheet.rows)
        verdicts = judge(sheet)
        assert all(str(e) for v in verdicts if isinstance(v, Refused) for e in v.errors)
        write_receipt(NewFile(Path(folder, "receipt.xlsx")), sheet, outcomes_of(verdicts), {})
        read_workbook(Path(folder, "receipt.xlsx"))
