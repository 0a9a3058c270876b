"""An import is undone in both systems; what somebody has taken up since is kept, and named."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from ledger.errors import AdmsyncError, StoppedResumably
from ledger.replay import replay
from ledger.runs import find_run, run_to_resume, unfinished_runs
from ledger.verify import verify_chain
from sync.undoing import resumed_rollback
from tests.importer.company import Company, a_workbook, five_events
from tests.rollback.undoing import last_run, rehearsed, rolled_back, tables


@pytest.fixture
def imported(company: Company, tmp_path: Path) -> UUID:
    """The import of five events, A to E."""
    company.imported(a_workbook(tmp_path, *five_events()))
    return last_run(company).run_id


def remote(company: Company) -> dict[str, str]:
    """The events in Administrate that the import made: their ids by code."""
    events = company.control.dump("Event")
    return {str(one["code"]): str(one["id"]) for one in events if str(one["code"]) in "ABCDE"}


def tutorial(company: Company) -> set[str]:
    """The tutorial events that the import made, by code."""
    rows = tables(company).values()
    return {str(row["code"]) for row in rows if len(str(row.get("code", "long"))) == 1}


def test_everything_an_import_made_is_gone_again_in_both_systems(
    company: Company, tmp_path: Path
) -> None:
    before = tables(company)
    company.imported(a_workbook(tmp_path, *five_events()))
    under_way = rolled_back(company, last_run(company).run_id)
    assert not under_way.kept
    assert tables(company) == before
    assert not remote(company)
    assert replay(company.database).ok
    assert verify_chain(company.database).ok


def test_the_corrected_workbook_can_be_imported_afterwards(
    company: Company, imported: UUID, tmp_path: Path
) -> None:
    rolled_back(company, imported)
    company.imported(a_workbook(tmp_path, *five_events()))
    assert set(remote(company)) == set("ABCDE") == tutorial(company)


def test_published_booked_and_staffed_events_are_kept_on_both_sides(
    company: Company, imported: UUID
) -> None:
    ids = remote(company)
    company.control.publish(ids["A"])
    company.control.book(ids["B"], 3)
    why = {kept.why for kept in rehearsed(company, imported).kept}
    assert any("is published by now" in one for one in why)
    assert any("3 places" in one for one in why)
    rolled_back(company, imported)
    assert set(remote(company)) == {"A", "B"} == tutorial(company)
    assert replay(company.database).ok


def test_an_event_that_an_unknown_table_refers_to_is_kept_and_the_table_named(
    company: Company, imported: UUID
) -> None:
    with company.database.transaction() as connection:
        connection.execute(
            text(
                "CREATE TABLE public.orders AS SELECT 1 AS number, id AS event_id"
                " FROM acted.tutorial_events WHERE code = 'C'"
            )
        )
        connection.execute(
            text(
                "ALTER TABLE public.orders ADD FOREIGN KEY (event_id)"
                " REFERENCES acted.tutorial_events ON DELETE CASCADE"
            )
        )
    why = [kept.why for kept in rehearsed(company, imported).kept]
    assert "1 row refers to it in public.orders.event_id" in why
    rolled_back(company, imported)
    assert set(remote(company)) == {"C"} == tutorial(company)


def test_an_event_the_web_application_has_changed_is_kept(company: Company, imported: UUID) -> None:
    with company.database.transaction() as connection:
        connection.execute(
            text("UPDATE acted.tutorial_events SET remain_space = 1 WHERE code = 'D'")
        )
    [kept] = [one for one in rehearsed(company, imported).kept if "remain_space" in one.why]
    assert kept.record.startswith("acted.tutorial_events/")
    rolled_back(company, imported)
    assert set(remote(company)) == {"D"} == tutorial(company)


def test_what_cannot_be_undone_is_said(company: Company, imported: UUID) -> None:
    said = {one.why for one in rehearsed(company, imported).impossible}
    assert said == {"the instructors it approved stay approved"}


def test_a_stopped_rollback_goes_on_where_it_was(company: Company, imported: UUID) -> None:
    company.control.set_faults("500-before:EventDelete:2-")
    with pytest.raises(StoppedResumably):
        rolled_back(company, imported)
    company.control.clear_faults()
    state = run_to_resume(company.database, None)
    target = find_run(company.database, str(imported))
    with (
        company.administrate() as client,
        resumed_rollback(company.ledger, client, state, target) as under_way,
    ):
        under_way.carry_out()
    assert not remote(company)
    assert not tutorial(company)
    assert find_run(company.database, str(imported)).state == "undone"
    with company.database.transaction() as connection:
        assert not unfinished_runs(connection)


def test_an_event_deleted_in_administrate_meanwhile_goes_here_too(
    company: Company, imported: UUID
) -> None:
    company.control.remove(remote(company)["E"])
    rolled_back(company, imported)
    assert not tutorial(company)


def test_a_plan_that_is_outdated_is_not_carried_out(company: Company, imported: UUID) -> None:
    plan = rehearsed(company, imported)
    company.control.publish(remote(company)["A"])
    with pytest.raises(AdmsyncError, match="has changed since"):
        rolled_back(company, imported, plan)
    assert set(remote(company)) == set("ABCDE") == tutorial(company)
