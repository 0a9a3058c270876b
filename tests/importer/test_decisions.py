"""What is open is decided in a spreadsheet: exported, filled in, sorted, and recorded at once."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import text

from importer.decisions.record_decisions import ChangedMeanwhile, plan_decisions, record_decisions
from importer.workbook.archive import read_file
from importer.workbook.column import CellKind
from importer.workbook.template import COLUMNS
from ledger.errors import AdmsyncError
from tests.importer.company import Company, a_workbook, an_own_event
from tests.program import admsync
from tests.terminal import at_terminal

VENUE = ("Haymarket Terace (Edinburgh) (17)", "Haymarket Terrace (VmVudWU6MTE4)")
DECISION, REASON, KEY = "Decision", "Reason", "Key (leave as it is)"
SECOND_PRODUCT = """
WITH v AS (
  INSERT INTO acted.catalog_product_variations (variation_type, name, code, created_at, updated_at)
  VALUES ('Tutorial', 'LO_3F', 'LO_3F', now(), now()) RETURNING id
), j AS (
  INSERT INTO acted.catalog_product_product_variations
    (product_id, product_variation_id, created_at, updated_at)
  SELECT c.id, v.id, now(), now() FROM v, acted.catalog_products c
  WHERE c.fullname = 'Live Online Tutorial' RETURNING id
)
INSERT INTO acted.products
  (exam_session_subject_id, product_product_variation_id, product_code, created_at, updated_at)
SELECT es.id, j.id, 'CB1/LO_3F/' || e.session_code, now(), now()
FROM j, acted.catalog_exam_session_subjects es
JOIN acted.catalog_exam_sessions e ON e.id = es.exam_session_id
JOIN acted.catalog_subjects s ON s.id = es.subject_id WHERE s.code = 'CB1'
"""
Row = dict[str, Any]
Fill = Callable[[str, Row], None]
Decided = tuple[str, str | None, str, str | None]
"""A record, the one that it could be, the decision and the reason."""


def run(url: str, *arguments: str, code: int = 0) -> str:
    done = admsync("discrepancies", *arguments, url=url)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def filled(path: Path, out: Path, fill: Fill, *, shuffled: bool = False) -> Path:
    """The workbook as a person gives it back; ``shuffled``: rows and columns sorted anew, a column
    of their own added, a banner above."""
    book = Workbook()
    del book[book.sheetnames[0]]
    dice = random.Random(7)  # noqa: S311 - an order of rows, not a secret
    for sheet in load_workbook(path).worksheets:
        if sheet.title not in ("Records", "Products"):
            continue
        header, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        order = list(range(len(header)))
        if shuffled:
            dice.shuffle(rows)
            dice.shuffle(order)
        target = book.create_sheet(f"{sheet.title} of June" if shuffled else sheet.title)
        if shuffled:
            target.append(["To decide by Friday"])
        target.append([*(header[i] for i in order), "Notes"])
        for values in rows:
            row = {str(name): value for name, value in zip(header, values, strict=True)}
            fill(sheet.title, row)
            target.append([*(row[str(header[i])] for i in order), "mine"])
    book.save(out)
    return out


def deciding(*decided: Decided) -> Fill:
    """Decides the rows of these records with these others, whatever sheet they stand on."""

    def fill(_sheet: str, row: Row) -> None:
        for about, other, decision, reason in decided:
            names = (row.get("Record") or row.get("Course template"), row.get("Could be"))
            if names[0] == about and other in (None, names[1]):
                row[DECISION], row[REASON] = decision, reason

    return fill


@pytest.fixture
def exported(company_url: str, company: Company, tmp_path: Path) -> Path:
    """What is open in the company: a template with two products, too."""
    with company.database.transaction() as connection:
        connection.execute(text(SECOND_PRODUCT))
    out = tmp_path / "open.xlsx"
    run(company_url, "export", str(out))
    return out


def taken(company: Company) -> list[tuple[str, str, str | None]]:
    """The decisions in the ledger, by their order."""
    with company.database.transaction() as connection:
        rows = connection.execute(
            text(
                "SELECT payload->>'decision', payload->>'subject', payload->>'object'"
                " FROM ledger.events WHERE type = 'DecisionTaken' ORDER BY position"
            )
        )
        return [(row[0], row[1], row[2]) for row in rows]


FOUR: tuple[Decided, ...] = (
    (*VENUE, "accept", "misspelt"),
    (VENUE[1], None, "ACCEPT ", "misspelt"),
    ("Belfast (TG9jYXRpb246MTEx)", None, " Ignore", "no tutorials there"),
    (
        "Bob Ainsdale (44)",
        "Robert Ainsdale (UGVyc29uOjE0NA==)",
        "reject",
        "two people",
    ),
    ("CB1_LO_3", None, "CB1/LO_3F/2025-09", "full days"),
)


@pytest.mark.parametrize("shuffled", [False, True], ids=["as exported", "sorted"])
def test_decisions_are_recorded_as_at_the_prompt_and_once(
    company: Company, company_url: str, exported: Path, tmp_path: Path, shuffled: bool
) -> None:
    given = filled(exported, tmp_path / "in.xlsx", deciding(*FOUR), shuffled=shuffled)
    rehearsed = run(company_url, "import", str(given), "--dry-run")
    assert "1 accept, 1 reject, 1 ignore, 1 product" in rehearsed
    assert taken(company) == []
    told = json.loads(admsync("discrepancies", "import", str(given), "--yes", "--json",
                              url=company_url).stdout)  # fmt: skip
    assert told["ok"]
    assert told["changed"] == ["adm.venues/VmVudWU6MTE4: not linked → acted.tutorial_venues/17"]
    recorded = taken(company)
    assert sorted(recorded)[:3] == [
        ("accept", "adm.venues/VmVudWU6MTE4", "acted.tutorial_venues/17"),
        ("ignore", "adm.locations/TG9jYXRpb246MTEx", None),
        ("product", "acted.tutorial_course_templates/2", sorted(recorded)[2][2]),
    ]
    assert len(recorded) == 4
    again = run(company_url, "import", str(given), "--yes")
    assert "5 decided already" in again
    assert "Nothing was recorded" in again
    assert taken(company) == recorded


def test_every_decision_that_stands_is_listed(
    company_url: str, exported: Path, tmp_path: Path
) -> None:
    given = filled(exported, tmp_path / "in.xlsx", deciding(*FOUR))
    run(company_url, "import", str(given), "--yes")
    run(company_url, "withdraw", "adm.locations/TG9jYXRpb246MTEx", "--reason", "there are")
    pair = ("adm.venues/VmVudWU6MTE4", "acted.tutorial_venues/17")
    run(company_url, "reject", *pair, "--reason", "not so")
    listed = json.loads(run(company_url, "decisions", "--json"))
    assert [one["decision"] for one in listed] == ["reject", "product", "reject"]
    assert [one["reason"] for one in listed] == ["two people", "full days", "not so"]
    assert listed[1]["names"] == ["CB1_LO_3", "Live Online", "CB1/LO_3F/2025-09"]
    assert listed[1]["sitting"] == "2025S"
    assert {one["actor"] for one in listed} == {"tests"}
    assert len({one["run_id"] for one in listed}) == 2
    told = run(company_url, "decisions")
    assert "CB1_LO_3 at Live Online from 2025S on is CB1/LO_3F/2025-09: “full days”" in told


@pytest.mark.parametrize(
    ("decided", "refused"),
    [
        ([(*VENUE, "accept", None)], "Reason '': missing; why: it is kept in the ledger"),
        ([(*VENUE, "accept", " ")], "missing; why"),
        ([(*VENUE, "aceptt", "x")], "no decision; nearest 'accept'; accept, reject or ignore"),
        ([(*VENUE, "link", "x")], "no decision; accept, reject or ignore"),
        ([(*VENUE, "=1+1", "x")], "a formula"),
        ([("Cardiff (11)", None, "accept", "x")], "no other record is in this row"),
        ([("CB1_LO_3", None, "CB1/LO_3X", "x")], "no active product 'CB1/LO_3X'"),
        ([("CB1_LO_3", None, "CB1/LO_3F/2026-04", "x")], "is sold in 2026-04, not in 2025-09"),
        ([("Cardiff (12)", None, "yes", "x")], None),
    ],
)
def test_a_row_that_says_nothing_to_record_is_refused_by_its_cell(
    company: Company,
    exported: Path,
    tmp_path: Path,
    decided: list[Decided],
    refused: str | None,
) -> None:
    given = filled(exported, tmp_path / "in.xlsx", deciding(*decided))
    _, plan = plan_decisions(company.ledger, read_file(given))
    told = [str(error) for error in plan.refused]
    assert plan.decisions == ()
    assert [refused in one for one in told] == [True] if refused else told == []
    assert all(one.startswith(("Records!", "Products!")) for one in told)


QUAY = "Quay Rooms (Bristol) (18)"
FIRST, SECOND = "Quay Rooms (VmVudWU6MTE5)", "quay rooms (VmVudWU6MTIw)"


@pytest.mark.parametrize(
    "decided",
    [
        [(QUAY, FIRST, "accept", "x"), (QUAY, SECOND, "accept", "x")],
        [(QUAY, FIRST, "accept", "x"), (FIRST, QUAY, "reject", "x")],
        [(QUAY, FIRST, "accept", "x"), (QUAY, SECOND, "ignore", "x")],
        [(QUAY, FIRST, "accept", "x"), (SECOND, QUAY, "accept", "x")],
    ],
    ids=["two accepted", "accepted and rejected", "accepted and ignored", "from both sides"],
)
def test_rows_that_contradict_each_other_are_all_refused(
    company: Company,
    exported: Path,
    tmp_path: Path,
    decided: list[Decided],
) -> None:
    with company.database.transaction() as connection:
        at = connection.execute(
            text("SELECT id FROM acted.tutorial_venues WHERE name = 'Quay Rooms'")
        ).scalar()
    assert f"({at})" in QUAY
    given = filled(exported, tmp_path / "in.xlsx", deciding(*decided))
    _, plan = plan_decisions(company.ledger, read_file(given))
    assert plan.decisions == ()
    assert [error.problem.endswith("says otherwise") for error in plan.refused] == [True, True]


def rename(company: Company, statement: str) -> None:
    with company.database.transaction() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ("UPDATE acted.tutorial_venues SET name = 'Haymarket Terracce' WHERE id = 17", VENUE[0]),
        ("UPDATE adm.venues SET name = 'Hay Terrace' WHERE external_id = 'VmVudWU6MTE4'", VENUE[0]),
        ("DELETE FROM acted.tutorial_venues WHERE id = 17", VENUE[0]),
        ("UPDATE acted.tutorial_locations SET name = 'Edinburg' WHERE name = 'Edinburgh'",
         VENUE[0]),
        ("UPDATE acted.products SET is_active = false WHERE product_code = 'CB1/LO_3F/2025-09'",
         "CB1_LO_3"),
        ("UPDATE acted.catalog_products SET fullname = 'LO' WHERE fullname LIKE 'Live O%'",
         "CB1_LO_3"),
    ],
)  # fmt: skip
def test_what_has_changed_since_the_export_is_refused(
    company: Company, exported: Path, tmp_path: Path, change: str, about: str
) -> None:
    given = filled(exported, tmp_path / "in.xlsx", deciding(FOUR[0], *FOUR[2:]))
    rename(company, change)
    _, plan = plan_decisions(company.ledger, read_file(given))
    assert len(plan.decisions) == 3
    [error] = [one for one in plan.refused if "misspelt" not in one.value][:1]
    assert {one.sheet for one in plan.refused} == {"Products" if about == "CB1_LO_3" else "Records"}
    assert "export" in error.expected or "product" in error.problem


def test_a_change_between_the_plan_and_its_recording_records_nothing(
    company: Company, exported: Path, tmp_path: Path
) -> None:
    file = read_file(filled(exported, tmp_path / "in.xlsx", deciding(*FOUR)))
    typed, plan = plan_decisions(company.ledger, file)
    rename(company, "UPDATE acted.tutorial_venues SET name = 'Other' WHERE id = 17")
    with pytest.raises(ChangedMeanwhile, match="Run it again"):
        record_decisions(company.ledger, file, typed, plan)
    assert taken(company) == []


def test_decisions_are_recorded_all_or_none(
    company: Company, exported: Path, tmp_path: Path
) -> None:
    file = read_file(filled(exported, tmp_path / "in.xlsx", deciding(*FOUR)))
    typed, plan = plan_decisions(company.ledger, file)
    rename(
        company,
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;"
        " CREATE TRIGGER fail BEFORE INSERT ON ledger.events FOR EACH ROW"
        " WHEN (NEW.type = 'DecisionTaken' AND NEW.payload->>'decision' = 'product')"
        " EXECUTE FUNCTION fail()",
    )
    with pytest.raises(AdmsyncError, match="the disk is full"):
        record_decisions(company.ledger, file, typed, plan)
    assert taken(company) == []
    rename(company, "DROP TRIGGER fail ON ledger.events")
    record_decisions(company.ledger, file, *plan_decisions(company.ledger, file))
    assert len(taken(company)) == 4


def test_a_person_at_a_terminal_is_asked_once(
    company: Company, company_url: str, exported: Path, tmp_path: Path
) -> None:
    given = filled(exported, tmp_path / "in.xlsx", deciding(*FOUR))
    for answer, code, count in (("n", 1, 0), ("y", 0, 4)):
        with at_terminal("discrepancies", "import", str(given), url=company_url) as terminal:
            terminal.shows("Record these 4 decisions?")
            terminal.types(answer)
            assert terminal.ends()[0] == code
        assert len(taken(company)) == count


def test_nothing_is_recorded_where_there_is_nobody_to_ask(
    company: Company, company_url: str, exported: Path, tmp_path: Path
) -> None:
    given = filled(exported, tmp_path / "in.xlsx", deciding(*FOUR))
    assert "--yes agrees to the plan" in run(company_url, "import", str(given), code=2)
    assert taken(company) == []


def test_no_file_is_written_over_unless_it_is_said(company_url: str, exported: Path) -> None:
    before = exported.read_bytes()
    assert "is there already" in run(company_url, "export", str(exported), code=1)
    assert exported.read_bytes() == before
    run(company_url, "export", str(exported), "--force")


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "@SUM(1)", "-2", "\t=1"])
def test_no_cell_is_a_formula_because_of_what_a_record_is_called(
    company: Company, company_url: str, tmp_path: Path, name: str
) -> None:
    with company.database.transaction() as connection:
        connection.execute(
            text("UPDATE acted.tutorial_locations SET name = :name WHERE name = 'Cardiff'"),
            {"name": name},
        )
    out = tmp_path / "open.xlsx"
    run(company_url, "export", str(out))
    cells = [cell for row in load_workbook(out)["Records"].iter_rows() for cell in row]
    mine = [cell for cell in cells if str(cell.value).lstrip().startswith(name.strip())]
    assert mine
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in mine)


def test_what_may_be_decided_is_offered_by_the_rows_key(exported: Path) -> None:
    book = load_workbook(exported)
    [records] = book["Records"].data_validations.dataValidation
    assert records.formula1 == '"accept,reject,ignore"'
    [products] = book["Products"].data_validations.dataValidation
    assert "MATCH($I2,Choices!$A:$A,0)" in str(products.formula1)
    offered = {row[0]: row[2 : 2 + int(str(row[1]))] for row in book["Choices"].values}
    keys = [row[8] for row in book["Products"].iter_rows(min_row=2, values_only=True)]
    assert keys
    assert all(len(offered[key]) == 2 for key in keys)


def waiting(path: Path) -> list[tuple[Any, ...]]:
    rows: Iterable[tuple[Any, ...]] = load_workbook(path)["Products"].iter_rows(
        min_row=2, values_only=True
    )
    return [(row[2], row[3], row[4], row[5]) for row in rows]


def test_the_products_that_a_workbook_needs_are_exported(
    company: Company, company_url: str, exported: Path, tmp_path: Path
) -> None:
    undated = dict.fromkeys(
        one.key for one in COLUMNS if one.kind in (CellKind.DATE, CellKind.TIME)
    )
    rows = [an_own_event("A"), an_own_event("B"), an_own_event("C", location="London")]
    # No hint, for its code is known.
    rows[0] |= undated
    book = a_workbook(tmp_path, *rows)
    out = tmp_path / "needed.xlsx"
    run(company_url, "export", str(out), "--workbook", str(book))
    assert waiting(out) == [
        ("CB1_LO_3", "Live online", "2026A", 2),
        ("CB1_LO_3", "London", "2026A", 1),
    ]
    assert waiting(exported) == [("CB1_LO_3", "Live online", "2025S", None)]
    company.imported(book)
    run(company_url, "export", str(out), "--force")
    assert waiting(out) == [
        ("CB1_LO_3", "Live online", "2026A", 2),
        ("CB1_LO_3", "London", "2026A", 1),
    ]


def test_a_workbook_of_something_else_is_no_workbook_of_decisions(
    company_url: str, tmp_path: Path
) -> None:
    book = a_workbook(tmp_path, an_own_event("A"))
    said = run(company_url, "import", str(book), code=1)
    assert "no sheet of it has the columns Decision, Reason, Key" in said
    torn = tmp_path / "torn.xlsx"
    torn.write_bytes(book.read_bytes()[:-200])
    assert "Traceback" not in run(company_url, "import", str(torn), code=1)
