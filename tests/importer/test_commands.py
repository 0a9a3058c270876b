"""The commands: what they print, what they write, how they exit."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.engine import make_url

from importer.dual_write.event import State
from ledger.events import RunStarted, WorkbookRead
from ledger.schema import acted
from tests.importer.company import (
    Company,
    a_workbook,
    an_own_event,
    an_own_lms_event,
    an_own_session,
    five_events,
)
from tests.importer.workbooks import read_workbook
from tests.program import ADMSYNC, admsync, environment


@pytest.fixture
def reader_url(company: Company, company_url: str) -> Iterator[str]:
    """The same database, as a role that may read it and nothing else."""
    role, password = f"reader_{uuid4().hex}", "reads"
    with company.database.transaction() as connection:
        for statement in (
            f"CREATE ROLE {role} LOGIN PASSWORD '{password}'",
            f"GRANT USAGE ON SCHEMA ledger, adm, acted TO {role}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA ledger, adm, acted, public TO {role}",
        ):
            connection.execute(text(statement))
    url = make_url(company_url).set(username=role, password=password)
    yield url.render_as_string(hide_password=False)
    with company.database.transaction() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))


def test_a_rehearsal_says_the_plan_and_needs_no_right_to_write(
    company: Company, reader_url: str, tmp_path: Path
) -> None:
    path = a_workbook(tmp_path, *five_events(), an_own_event("F", location="Paris"))
    company.control.forget()
    settings = company.sandbox.settings
    arguments = ("import-events", str(path), "--dry-run", "--full")
    done = admsync(*arguments, url=reader_url, settings=settings)
    assert done.returncode == 4, done.stderr
    verdict, *lines = done.stdout.splitlines()[1:]
    assert verdict.startswith(
        "5 events with 8 sessions to make in both systems; 1 refused. At least"
    )
    assert lines[0] == "  In the tutorial tables: 5 events, 8 sessions made"
    approvals = "2 instructors approved for a course template"
    assert lines[1] == f"  In Administrate: 5 draft events, 8 sessions created; {approvals}"
    [approved] = [line for line in lines if line.startswith("  → SP9_f2f_3: ")]
    assert approved
    assert "  ⚠ the approval of instructors for a course template" in lines
    days = [line.strip() for line in lines if line.startswith("      day ")]
    assert len(days) == 8
    assert "day 2: 2025-11-03 09:00-12:30, Delphine Kirkbride / Gareth Fairweather" in days
    assert any("Classroom start date" in line and "in the past" in line for line in lines)
    assert any("Missing: location 'Paris', row 11: " in line for line in lines)
    assert company.changes() == []


def test_what_the_rehearsal_counts_is_what_the_import_needs(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    rows = [an_own_event(), an_own_session(day=2), an_own_session(day=3), an_own_lms_event()]
    path, settings = a_workbook(tmp_path, *rows), company.sandbox.settings
    arguments = ("import-events", str(path), "--json")
    plan = json.loads(admsync(*arguments, "--dry-run", url=company_url, settings=settings).stdout)
    company.control.forget()
    done = admsync(*arguments, url=company_url, settings=settings)
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["counts"]["events"]) == (0, True, 2)
    assert len(company.changes()) == plan["counts"]["calls"]


def test_a_file_that_changes_under_an_import_is_imported_and_kept_as_it_was_read(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path, settings = a_workbook(tmp_path, *five_events()), company.sandbox.settings
    content = path.read_bytes()
    (tmp_path / "later").mkdir()
    later = a_workbook(tmp_path / "later", an_own_event("Z"))
    with subprocess.Popen(
        [ADMSYNC, "import-events", str(path), "--report", str(tmp_path / "receipt.xlsx")],
        env=environment(company_url, settings),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert b"looking things up" in process.stdout.readline()
        later.replace(path)
        process.stdout.read()
    assert process.returncode == 0
    events = [recorded.event for recorded in company.ledger.read()]
    [read] = [one for one in events if isinstance(one, WorkbookRead)]
    [started] = [one.options for one in events if isinstance(one, RunStarted)][-1:]
    assert read.digest == started["digest"] == hashlib.sha256(content).hexdigest()
    assert [code for (code,) in company.rows(acted.EVENTS, "code")][-5:] == list("ABCDE")
    assert len(read_workbook(tmp_path / "receipt.xlsx").rows) == 9


def test_a_receipt_corrected_is_imported_and_makes_only_what_was_refused(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    rows = [*five_events(), an_own_event("F", location="Paris"), an_own_session("F")]
    path, receipt = a_workbook(tmp_path, *rows), tmp_path / "receipt.xlsx"
    settings = company.sandbox.settings
    arguments = ("import-events", str(path), "--report", str(receipt))
    done = admsync(*arguments, url=company_url, settings=settings)
    assert done.returncode == 4, done.stderr
    sheet = read_workbook(receipt)
    told = [row.text("outcome") for row in sheet.rows]
    assert told == [*[State.DONE.value] * 9, "refused", "refused"]
    ids = sheet.rows[0].text("administrate_id")
    made = {one["id"]: one["title"] for one in company.control.dump("Event")}
    assert made[ids.split(",")[0].removeprefix("event ")] == "A"
    book = load_workbook(receipt)
    about = {row[0]: row[1] for row in book["Receipt"].iter_rows(values_only=True)}
    assert len(str(about["Ledger link"])) == 64
    cells = book["Import"]
    location = cells.cell(11, sheet.columns.index["location"] + 1)
    assert location.fill.fgColor.rgb != "00000000"
    location.value = "Live online"
    book.save(receipt)
    assert (
        admsync("import-events", str(receipt), url=company_url, settings=settings).returncode == 0
    )
    assert [code for (code,) in company.rows(acted.EVENTS, "code")][-6:] == list("ABCDEF")


def test_resume_goes_on_with_an_import_without_its_file(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path, settings = a_workbook(tmp_path, *five_events()), company.sandbox.settings
    company.control.set_faults("errors:event.createBlended")
    stopped = admsync("import-events", str(path), url=company_url, settings=settings)
    assert stopped.returncode == 3, stopped.stderr
    assert "admsync resume" in stopped.stderr
    assert "Imported: 1 of 5 events\n" in stopped.stdout
    company.control.clear_faults()
    path.unlink()
    resumed = admsync("resume", url=company_url, settings=settings)
    assert resumed.returncode == 0, resumed.stderr
    assert "Imported: 5 events, 8 sessions" in resumed.stdout


def test_an_import_that_stops_before_its_first_event_says_so(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path, settings = a_workbook(tmp_path, *five_events()), company.sandbox.settings
    company.control.set_faults("not-json:courseTemplate.update:*")
    stopped = admsync("import-events", str(path), url=company_url, settings=settings)
    assert stopped.returncode == 3, stopped.stderr
    assert "Imported: 0 of 5 events\n" in stopped.stdout


def test_a_plan_that_was_kept_is_imported_unless_it_would_be_another(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path, settings = a_workbook(tmp_path, *five_events()), company.sandbox.settings
    kept = tmp_path / "sitting.plan"
    called = ("import-events", str(path))
    saved = admsync(*called, "--save-plan", str(kept), url=company_url, settings=settings)
    assert saved.returncode == 0, saved.stderr
    assert "the same with --plan carries it out" in saved.stdout
    assert company.changes() == []
    done = admsync(*called, "--plan", str(kept), url=company_url, settings=settings)
    assert done.returncode == 0, done.stderr
    # By now all five are there.
    again = admsync(*called, "--plan", str(kept), url=company_url, settings=settings)
    assert again.returncode == 1
    assert "is not what would be done now: changed: row " in again.stderr
    assert len(company.rows(acted.EVENTS, "code")) == len(set(company.rows(acted.EVENTS, "code")))


def test_a_receipt_that_could_not_be_written_is_told_before_anything_is_imported(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path, settings = a_workbook(tmp_path, *five_events()), company.sandbox.settings
    receipt = tmp_path / "none" / "receipt.xlsx"
    arguments = ("import-events", str(path), "--report", str(receipt))
    done = admsync(*arguments, url=company_url, settings=settings)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line == f"admsync: {receipt} cannot be written: there is no folder {receipt.parent}"
    assert company.changes() == []


def test_a_receipt_that_cannot_be_written_any_more_does_not_hide_how_the_import_ended(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path, settings = a_workbook(tmp_path, *five_events()), company.sandbox.settings
    folder = tmp_path / "receipts"
    folder.mkdir()
    company.control.set_faults("errors:event.createBlended")
    arguments = ("import-events", str(path), "--report", str(folder / "receipt.xlsx"))
    assert admsync(*arguments, url=company_url, settings=settings).returncode == 3
    (folder / "receipt.xlsx").unlink()
    folder.rmdir()
    stopped = admsync("resume", url=company_url, settings=settings)
    assert stopped.returncode == 3, stopped.stderr
    assert "admsync: the receipt is missing: " in stopped.stderr
    assert "admsync resume" in stopped.stderr
    company.control.clear_faults()
    done = admsync("resume", url=company_url, settings=settings)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_template_is_one_that_can_be_imported(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    out, settings = tmp_path / "empty.xlsx", company.sandbox.settings
    assert admsync("import-template", str(out), url=company_url, settings=settings).returncode == 0
    done = admsync("import-events", str(out), "--dry-run", url=company_url, settings=settings)
    assert "Nothing to import." in done.stdout


def test_an_interrupted_imports_receipt_is_replaced_by_its_own_alone(
    company: Company, company_url: str, tmp_path: Path
) -> None:
    path, settings = a_workbook(tmp_path, *five_events()), company.sandbox.settings
    receipt = tmp_path / "receipt.xlsx"
    company.control.set_faults("errors:event.createBlended")
    arguments = ("import-events", str(path), "--report", str(receipt))
    assert admsync(*arguments, url=company_url, settings=settings).returncode == 3
    early = receipt.read_bytes()
    assert admsync("resume", url=company_url, settings=settings).returncode == 3
    assert receipt.read_bytes() != early
    book = load_workbook(receipt)
    book["Import"]["A2"] = "CB1_LO_4"
    book.save(receipt)
    corrected = receipt.read_bytes()
    company.control.clear_faults()
    done = admsync("resume", url=company_url, settings=settings)
    assert done.returncode == 0, done.stderr
    assert f"the receipt is missing: {receipt} is there already" in done.stderr
    assert receipt.read_bytes() == corrected


@pytest.mark.parametrize("dry_run", [["--dry-run"], []], ids=["dry run", "import"])
def test_no_receipt_is_written_over_a_file_but_with_force_and_never_over_the_workbook(
    company: Company, company_url: str, tmp_path: Path, dry_run: list[str]
) -> None:
    path, settings = a_workbook(tmp_path, an_own_lms_event()), company.sandbox.settings
    content, notes = path.read_bytes(), tmp_path / "notes.xlsx"
    notes.write_bytes(b"mine")

    def reported(*arguments: str) -> tuple[int, str]:
        given = ("import-events", str(path), *dry_run, "--report", *arguments)
        done = admsync(*given, url=company_url, settings=settings)
        return done.returncode, done.stderr

    code, said = reported(str(notes))
    assert (code, notes.read_bytes()) == (1, b"mine")
    assert said == f"admsync: {notes} is there already; name another file, or add --force\n"
    code, said = reported(str(path), "--force")
    assert (code, path.read_bytes()) == (1, content)
    assert said == f"admsync: {path} is the file to read; name another to write\n"
    assert company.changes() == []
    code, said = reported(str(notes), "--force")
    assert (code, len(read_workbook(notes).rows)) == (0, 1)


def test_no_template_is_written_over_a_file_but_with_force(
    company_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "empty.xlsx"
    out.write_bytes(b"mine")
    refused = admsync("import-template", str(out), url=company_url)
    assert (refused.returncode, out.read_bytes()) == (1, b"mine")
    assert "is there already" in refused.stderr
    assert admsync("import-template", str(out), "--force", url=company_url).returncode == 0
    assert read_workbook(out).rows == ()


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_an_import_that_could_not_begin_is_not_said_to_be_resumable(
    company: Company, company_url: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    path = a_workbook(tmp_path, an_own_event())
    refused = {**company.sandbox.settings, "ADMINISTRATE_API_SECRET": "not-the-secret"}
    done = admsync("import-events", str(path), *options, url=company_url, settings=refused)
    assert done.returncode == 1
    assert "the key or secret was refused" in done.stderr
    assert "resume" not in done.stdout + done.stderr
