"""A sync is undone to the row: what it did goes, what came after it stays and is named."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ledger.errors import StoppedResumably, UsageRefused
from ledger.replay.compare import replay
from ledger.runs.states import find_run, unfinished_runs
from ledger.schema import adm
from ledger.verify.verify import verify_chain
from sync.missing.create import create_and_sync
from sync.rollback.run import new_rollback
from tests.importer.company import Company
from tests.rollback.rolling_back import (
    discrepancies,
    last_run,
    rehearsed,
    rolled_back,
    synced,
    tables,
)
from tests.sync.missing.creating import creating_all


def a_location(company: Company, name: str) -> str:
    region = company.control.dump("Location")[0]["regionId"]
    return str(company.control.insert("Location", name=name, regionId=region)["id"])


def in_tutorials(company: Company, statement: str, **values: object) -> None:
    with company.database.transaction() as connection:
        connection.execute(text(statement), values)


def test_a_sync_that_made_changed_and_removed_rows_is_undone_whole(company: Company) -> None:
    before, open_before = tables(company), discrepancies(company)
    [cardiff, *_] = [one for one in company.control.dump("Location") if one["name"] == "Belfast"]
    company.control.edit(cardiff["id"], name="Cardiff")
    a_location(company, "Aberdeen")
    company.control.remove(
        *(one["id"] for one in company.control.dump("Location") if one["name"] == "Southampton")
    )
    run = synced(company, "locations", "venues")
    assert tables(company) != before
    under_way = rolled_back(company, run)
    assert not under_way.kept
    assert tables(company) == before
    assert discrepancies(company) == open_before
    assert find_run(company.database, str(run)).state == "undone"
    assert replay(company.database).ok
    assert verify_chain(company.database).ok


def test_the_whole_first_sync_is_undone_to_empty_tables(company: Company) -> None:
    rolled_back(company, last_run(company).run_id)
    assert not tables(company, adm.TABLES)
    assert not discrepancies(company)
    assert replay(company.database).ok


def test_what_a_later_run_changed_is_kept_and_the_event_named(company: Company) -> None:
    identifier = a_location(company, "Aberdeen")
    first = synced(company, "locations")
    company.control.edit(identifier, name="Aberdeen Centre")
    synced(company, "locations")
    before = tables(company)
    plan = rehearsed(company, first)
    [kept] = [one for one in plan.kept if one.record == f"adm.locations/{identifier}"]
    assert kept.position is not None
    assert "RecordChanged" in kept.why
    rolled_back(company, first, plan)
    assert tables(company) == before


def test_a_row_that_another_run_s_row_refers_to_is_kept(company: Company) -> None:
    identifier = a_location(company, "Aberdeen")
    first = synced(company, "locations")
    company.control.insert("Venue", name="Granite House", locationId=identifier)
    synced(company, "venues")
    [kept] = rehearsed(company, first).kept
    assert kept.record == f"adm.locations/{identifier}"
    assert "refers to it" in kept.why


def test_a_row_that_a_table_unknown_to_us_refers_to_is_kept(company: Company) -> None:
    identifier = a_location(company, "Aberdeen")
    run = synced(company, "locations")
    in_tutorials(company, "CREATE TABLE stock (shelf text REFERENCES adm.locations (external_id))")
    in_tutorials(company, "INSERT INTO stock VALUES (:one), (:one)", one=identifier)
    [kept] = rehearsed(company, run).kept
    assert kept.why == "2 rows refer to it in public.stock.shelf"


def creating_locations(company: Company) -> None:
    """The creation of the locations that Administrate lacks."""
    with (
        company.administrate() as client,
        creating_all(company.ledger, client, "locations") as under_way,
    ):
        create_and_sync(under_way)


def test_a_sync_that_stopped_while_it_created_a_location_is_undone(company: Company) -> None:
    before = tables(company)
    # Looked up, created, unanswered, and not to be looked up again either.
    company.control.set_faults("500-after:LocationCreate:1", "500-before:Locations:2-")
    with pytest.raises(StoppedResumably):
        creating_locations(company)
    company.control.clear_faults()
    stopped = last_run(company).run_id
    [stays] = rehearsed(company, stopped).impossible
    assert stays.why == (
        "no answer said whether it was done; if it was, the location it created stays in"
        " Administrate"
    )
    target = find_run(company.database, str(stopped))
    with new_rollback(company.ledger, None, target, "not now") as under_way:
        under_way.carry_out()
    assert tables(company) == before
    with company.database.driver_transaction() as connection:
        assert not unfinished_runs(connection)


def test_undone_newest_first_runs_leave_the_tables_as_before_either(company: Company) -> None:
    before = tables(company)
    identifier = a_location(company, "Aberdeen")
    first = synced(company, "locations")
    company.control.edit(identifier, name="Cardiff")
    second = synced(company, "locations")
    rolled_back(company, second)
    rolled_back(company, first)
    assert tables(company) == before


def test_a_sync_after_a_rollback_finds_the_same_again(company: Company) -> None:
    a_location(company, "Cardiff")
    run = synced(company, "locations")
    after = {row["name"]: row["tutorial_location_id"] for row in _locations(company)}
    rolled_back(company, run)
    synced(company, "locations")
    assert {row["name"]: row["tutorial_location_id"] for row in _locations(company)} == after
    assert replay(company.database).ok


def test_a_link_to_a_tutorial_record_that_is_gone_cannot_come_back(company: Company) -> None:
    [venue] = [one for one in company.control.dump("Venue") if one["name"] == "Blackfriars House"]
    company.control.remove(venue["id"])
    run = synced(company, "venues")
    in_tutorials(company, "DELETE FROM acted.tutorial_venues WHERE name = 'Blackfriars House'")
    [kept] = rehearsed(company, run).kept
    assert "which is gone" in kept.why


def test_runs_that_cannot_be_undone_say_why(company: Company) -> None:
    run = synced(company, "locations")
    rolled_back(company, run)
    for undoable, why in (
        (run, "is already rolled back"),
        (last_run(company).run_id, "to reverse a rollback"),
    ):
        target = find_run(company.database, str(undoable))
        with (
            pytest.raises(UsageRefused, match=why),
            new_rollback(company.ledger, None, target, "no"),
        ):
            pass


def _locations(company: Company) -> list[dict[str, object]]:
    return [row for (table, _), row in tables(company).items() if table == "adm.locations"]
