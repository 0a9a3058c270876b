"""A workbook that the company imports, and what is in the database then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ledger.replay.compare import replay
from ledger.verify.verify import verify_chain
from tests.databases import opened
from tests.importer import company as importer
from tests.importer.company import a_workbook, an_own_event, an_own_lms_event, an_own_session
from tests.sync.company import Company


def workbook(folder: Path) -> Path:
    """Two events of two days each, and one without a classroom."""
    return a_workbook(
        folder,
        an_own_event(
            "NEW-A",
            administrator="Ruth Calder",
            event_url="https://example.com/a",
            tutors="Callum Jessop",
            access_duration="12 months",
            virtual_classroom="https://meet.example/a",
        ),
        an_own_session("NEW-A", 2),
        an_own_event("NEW-B", sold_out="Y", min_places=2),
        an_own_session("NEW-B", 2, session_url="https://example.com/b2"),
        an_own_lms_event("NEW-C"),
    )


def imported(company: Company, folder: Path) -> str:
    """The run of an import of the workbook, in this process."""
    with opened(company.url) as database:
        run = importer.Company(database, company.sandbox).imported(workbook(folder), workers=4)
    proven(company)
    return str(run.run.run_id)


def proven(company: Company) -> None:
    """The chain is whole and the tables are what the ledger says."""
    with opened(company.url) as database:
        chain, tables = verify_chain(database), replay(database)
    assert chain.ok, chain.findings
    assert tables.ok, tables.differences


def newest_run(company: Company, command: str = "import-events") -> str:
    """The id of the newest run of a command."""
    [run] = company.values(
        "SELECT run_id::text FROM ledger.runs WHERE command = %s ORDER BY run_id DESC LIMIT 1",
        command,
    )
    return str(run)


def made(company: Company) -> list[dict[str, Any]]:
    """The tutorial events of the workbook, by code, a dictionary each."""
    return company.values(
        "SELECT to_jsonb(t) FROM acted.tutorial_events t WHERE code LIKE 'NEW-%%' ORDER BY code"
    )


def rolled_back(company: Company, run: str) -> None:
    """Rolls an import back: nothing of the workbook is left."""
    company.admsync("rollback", run, "--yes", "--reason", "a test")
    assert made(company) == []
    proven(company)
