"""An import is undone in both systems; what somebody has taken up since is kept, and named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from uuid import UUID

import pytest
from sqlalchemy import text

from importer.dual_write import administrate_requests as requests
from ledger.database.connection import driver
from ledger.errors import AdmsyncError, StoppedResumably
from ledger.history.find_record import counterpart, find_record
from ledger.history.search import Found
from ledger.replay.compare import replay
from ledger.runs.interrupts import StopRequest
from ledger.runs.states import find_run, run_to_resume, unfinished_runs
from ledger.verify.verify import verify_chain
from sync.administrate.writes.sending import send
from sync.rollback.run import new_rollback, resumed_rollback
from tests.importer.company import Company, a_workbook, five_events
from tests.program import admsync
from tests.roles import granted_role, role_name
from tests.rollback.rolling_back import both_sides, last_run, rehearsed, rolled_back, tables


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


def test_what_was_made_is_asked_for_as_before_once_it_is_rolled_back(
    company: Company, company_url: str, imported: UUID
) -> None:
    def found() -> dict[str, Found]:
        with company.database.transaction() as connection:
            return {typed: find_record(driver(connection), typed) for typed in ways}

    with company.database.transaction() as connection:
        event = find_record(driver(connection), "A")
        other = counterpart(driver(connection), event.record)
    assert other is not None
    ways = ("A", event.record.partition("/")[2], event.record, other)
    before = found()
    assert {one.name for one in before.values()} == {"A"}
    rolled_back(company, imported)
    assert found() == before
    history = admsync("history", "A", url=company_url).stdout
    assert f"{event.record} (A)" in history
    assert "gone since" in history


def an_order(company: Company, code: str) -> None:
    """An order for a tutorial event, in a table that this program has never heard of."""
    with company.database.transaction() as connection:
        connection.execute(text("CREATE SCHEMA shop"))
        connection.execute(
            text(
                "CREATE TABLE shop.orders AS SELECT 1 AS number, id AS event_id"
                " FROM acted.tutorial_events WHERE code = :code"
            ),
            {"code": code},
        )
        connection.execute(
            text(
                "ALTER TABLE shop.orders ADD FOREIGN KEY (event_id)"
                " REFERENCES acted.tutorial_events ON DELETE CASCADE"
            )
        )


def orders(company: Company) -> int:
    with company.database.transaction() as connection:
        return int(connection.execute(text("SELECT count(*) FROM shop.orders")).scalar_one())


def staff(company: Company, event_id: str) -> None:
    """Somebody makes a contact an administrator of the event."""
    contact = next(one["id"] for one in company.control.dump("Contact") if one["isAdmin"])
    with company.administrate() as client:
        send(client, requests.add_event_administrator(event_id, contact))


def test_published_booked_staffed_and_ordered_events_are_kept_on_both_sides(
    company: Company, imported: UUID
) -> None:
    ids = remote(company)
    company.control.publish(ids["A"])
    company.control.book(ids["B"], 3)
    an_order(company, "C")
    staff(company, ids["D"])
    why = {kept.why for kept in rehearsed(company, imported).kept}
    assert any("is published by now" in one for one in why)
    assert any("3 places" in one for one in why)
    assert "1 row refers to it in shop.orders.event_id" in why
    assert any("staff was added" in one for one in why)
    rolled_back(company, imported)
    assert set(remote(company)) == {"A", "B", "C", "D"} == tutorial(company)
    assert orders(company) == 1
    assert replay(company.database).ok


def test_a_kept_plan_is_not_carried_out_once_an_event_of_it_is_published(
    company: Company, company_url: str, imported: UUID, tmp_path: Path
) -> None:
    settings = company.sandbox.settings
    kept = ("--save-plan", str(tmp_path / "a.plan")), ("--plan", str(tmp_path / "a.plan"))
    command = ("rollback", str(imported), "--reason", "wrong", "--yes")
    saved = admsync(*command, *kept[0], url=company_url, settings=settings)
    assert saved.returncode == 0, saved.stderr
    assert "In Administrate: 5 draft events deleted" in saved.stdout
    company.control.publish(remote(company)["A"])
    refused = admsync(*command, *kept[1], url=company_url, settings=settings)
    assert refused.returncode == 1
    assert "is not what would be done now: new: acted.tutorial_events/" in refused.stderr
    assert find_run(company.database, str(imported)).state == "done"


def test_the_command_lists_what_is_kept_and_exits_4(
    company: Company, company_url: str, imported: UUID
) -> None:
    ids = remote(company)
    company.control.publish(ids["A"])
    company.control.book(ids["B"], 3)
    an_order(company, "C")
    settings = company.sandbox.settings
    command = ("rollback", str(imported))
    planned = admsync(*command, "--dry-run", url=company_url, settings=settings)
    done = admsync(*command, "--yes", "--reason", "wrong", url=company_url, settings=settings)
    assert (planned.returncode, done.returncode) == (0, 4), planned.stderr + done.stderr
    for said in (planned.stdout, done.stdout):
        for why in (
            f"its event in Administrate is published by now ({ids['A']})",
            f"3 places of its event in Administrate are booked ({ids['B']})",
            "1 row refers to it in shop.orders.event_id",
            "the instructors it approved stay approved",
        ):
            assert why in said
    assert set(remote(company)) == {"A", "B", "C"} == tutorial(company)


def test_a_granted_role_is_told_of_tables_that_it_cannot_read_and_what_to_grant(
    company: Company, company_url: str, imported: UUID
) -> None:
    with granted_role(company.database, company_url) as url:
        an_order(company, "C")
        with company.database.session() as owner:
            owner.execute(
                "CREATE TABLE acted.places (event_id bigint REFERENCES acted.tutorial_events)"
            )
            owner.execute("ALTER TABLE acted.places ENABLE ROW LEVEL SECURITY")
            command = ("rollback", str(imported), "--yes", "--reason", "wrong")
            refused = admsync(*command, url=url, settings=company.sandbox.settings)
            assert refused.returncode == 1
            assert set(remote(company)) == set("ABCDE") == tutorial(company)
            [said] = refused.stderr.splitlines()
            assert "acted.places and shop.orders" in said
            role, statements = role_name(url), said.partition("run: ")[2].split("; ")
            assert statements == [
                f"GRANT SELECT ON acted.places TO {role}",
                f"ALTER ROLE {role} BYPASSRLS",
                f"GRANT USAGE ON SCHEMA shop TO {role}",
                f"GRANT SELECT ON shop.orders TO {role}",
            ]
            for statement in statements:
                owner.execute(statement.encode())
        done = admsync(*command, url=url, settings=company.sandbox.settings)
    assert done.returncode == 4, done.stderr
    assert "1 row refers to it in shop.orders.event_id" in done.stdout
    assert set(remote(company)) == {"C"} == tutorial(company)


def test_what_happens_to_an_event_while_others_are_undone_keeps_it(
    company: Company, imported: UUID
) -> None:
    ids = remote(company)
    kept: list[str] = []

    class AfterTheFirst(StopRequest):
        """Not a stop, but what others do once the first event is gone."""

        def check(self) -> None:
            if not kept and len(left := sorted(remote(company))) == 2:
                kept.extend(left)
                an_order(company, kept[0])
                company.control.publish(ids[kept[1]])

    target = find_run(company.database, str(imported))
    with (
        company.administrate() as client,
        new_rollback(company.ledger, client, target, "it was wrong") as under_way,
    ):
        under_way.run.stop = AfterTheFirst()
        under_way.carry_out()
    why = {one.why for one in under_way.kept}
    assert "1 row refers to it in shop.orders.event_id" in why
    assert any(f"Administrate refuses to delete {ids[kept[1]]}" in one for one in why)
    assert set(remote(company)) == set(kept) == tutorial(company)
    assert orders(company) == 1
    assert replay(company.database).ok


def test_an_order_that_comes_while_administrate_deletes_its_event_is_not_lost(
    company: Company, imported: UUID
) -> None:
    codes = {event_id: code for code, event_id in remote(company).items()}
    company.control.set_faults("latency:EventDelete:2:1.5")

    def ordered() -> str:
        while not (struck := [call for call in company.control.calls() if call.faults]):
            sleep(0.02)
        [event_id] = struck[0].variables["input"]["eventIds"]
        an_order(company, codes[event_id])
        return codes[event_id]

    with ThreadPoolExecutor() as pool:
        ordering = pool.submit(ordered)
        under_way = rolled_back(company, imported)
        code = ordering.result()
    [why] = {kept.why for kept in under_way.kept}
    assert why == (
        "1 row refers to it in shop.orders.event_id, since its event in Administrate was deleted"
    )
    assert orders(company) == 1
    assert tutorial(company) == {code}
    assert replay(company.database).ok


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
    planned = len(rehearsed(company, imported).rollbacks)
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
    assert last_run(company).counts["rows undone"] == planned
    with company.database.driver_transaction() as connection:
        assert not unfinished_runs(connection)


def test_a_deletion_of_which_nobody_knows_whether_it_was_done_stops_the_rollback(
    company: Company, imported: UUID
) -> None:
    """Its first answer was lost, its second is a refusal, and the events cannot be listed."""
    company.control.set_faults("500-after:EventDelete:1", "403:EventKeys:1-")
    with pytest.raises(StoppedResumably, match="it was rejected"):
        rolled_back(company, imported)
    company.control.clear_faults()
    state = run_to_resume(company.database, None)
    target = find_run(company.database, str(imported))
    with (
        company.administrate() as client,
        resumed_rollback(company.ledger, client, state, target) as under_way,
    ):
        under_way.carry_out()
    assert not under_way.kept
    assert not remote(company)
    assert not tutorial(company)


def test_an_import_that_stopped_in_its_approvals_is_undone_and_nothing_waits(
    company: Company, tmp_path: Path
) -> None:
    before = both_sides(company)
    company.control.set_faults("reset-unanswered:CourseTemplateUpdate:1-")
    with pytest.raises(StoppedResumably):
        company.imported(a_workbook(tmp_path, *five_events()))
    company.control.clear_faults()
    run = last_run(company).run_id
    [stays] = rehearsed(company, run).impossible
    assert stays.why == (
        "no answer said whether it was done; if it was, the instructors it approved stay approved"
    )
    rolled_back(company, run)
    assert both_sides(company) == before
    with company.database.driver_transaction() as connection:
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
    with pytest.raises(AdmsyncError, match="have changed since"):
        rolled_back(company, imported, plan)
    assert set(remote(company)) == set("ABCDE") == tutorial(company)
