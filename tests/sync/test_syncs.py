"""The seven syncs on the command line: matching, links, discrepancies, options, exit codes."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from sync.entities import VENUES
from sync.synced import Synced
from tests.program import admsync
from tests.sync.company import BRIDGE, SHIPPED, Company


def linked_pairs(company: Company, table: str, column: str, tutorial: str) -> set[tuple[str, str]]:
    """The names of the two sides of every link of a table."""
    query = f"SELECT a.name, t.name FROM adm.{table} a JOIN acted.{tutorial} t ON t.id = a.{column}"
    return set(company.rows(query))


def test_one_command_brings_everything_in_the_order_of_the_needs(company: Company) -> None:
    told = company.document("sync", "all")
    assert told["ok"]
    assert [step["entity"] for step in told["steps"]] == list(SHIPPED)
    assert {step["entity"]: step["counts"]["created"] for step in told["steps"]} == SHIPPED
    counted = {name: company.values(f"SELECT count(*) FROM adm.{name}")[0] for name in BRIDGE}
    assert list(counted.values()) == list(SHIPPED.values())
    assert company.admsync("verify").returncode == 0
    assert company.document("runs")[0]["counts"]["created"] == sum(SHIPPED.values())


def test_names_link_whatever_their_case_and_no_other_way(synced: Company) -> None:
    locations = linked_pairs(synced, "locations", "tutorial_location_id", "tutorial_locations")
    assert ("Live online", "Live Online") in locations
    assert all(ours.casefold() == theirs.casefold() for ours, theirs in locations)
    # A trailing space, an accent, a misspelling and an inactive record link nothing.
    unlinked = synced.values("SELECT name FROM adm.locations WHERE tutorial_location_id IS NULL")
    assert {"Newcastle", "Zürich", "Nottingham", "Southampton"} <= set(unlinked)


def test_a_venue_is_told_apart_by_its_location_as_it_is_linked(synced: Company) -> None:
    places = synced.rows(
        "SELECT v.name, l.name, tl.name FROM adm.venues v"
        " JOIN adm.locations l ON l.external_id = v.location_id"
        " JOIN acted.tutorial_venues t ON t.id = v.tutorial_venue_id"
        " JOIN acted.tutorial_locations tl ON tl.id = t.location_id"
    )
    assert ("The Exchange", "Leeds", "Leeds") in places
    assert ("The Exchange", "Bristol", "Bristol") in places
    unlinked = synced.values("SELECT name FROM adm.venues WHERE tutorial_venue_id IS NULL")
    assert {"Titanic Works", "Oracle Rooms", "Tyne Court"} <= set(unlinked)
    reasons = synced.rows(
        "SELECT payload ->> 'reason' FROM ledger.events"
        " WHERE type = 'MatchDecided' AND stream = %s",
        f"adm.venues/{synced.venue('Titanic Works')}",
    )
    assert reasons == [("unplaced",)]


def test_instructors_link_by_both_names_through_their_staff(synced: Company) -> None:
    [(first, last, user)] = synced.rows(
        "SELECT i.first_name, i.last_name, u.first_name FROM adm.instructors i"
        " JOIN acted.tutorial_instructors t ON t.id = i.tutorial_instructor_id"
        " JOIN acted.staff s ON s.id = t.staff_id JOIN public.auth_user u ON u.id = s.user_id"
        " WHERE i.last_name = 'Gathercole'"
    )
    assert (first, last, user) == ("Kofi", "Gathercole", "KOFI")


@pytest.mark.parametrize(
    ("table", "link", "record", "candidates"),
    [
        ("locations", "tutorial_location_id", "Reading", 2),
        ("venues", "tutorial_venue_id", "Quay Rooms", 2),
    ],
)
def test_two_of_one_name_are_ambiguous_and_not_linked(
    synced: Company, table: str, link: str, record: str, candidates: int
) -> None:
    links = synced.values(f"SELECT {link} FROM adm.{table} WHERE name ILIKE %s", record)
    assert links == [None] * candidates
    opened = synced.rows(
        "SELECT outcome, jsonb_array_length(candidates) FROM ledger.discrepancies"
        " WHERE bridge_table = %s AND outcome = 'ambiguous'",
        f"adm.{table}",
    )
    # Each of the two names the other and the tutorial record, which names both.
    assert opened == [("ambiguous", candidates)] * (candidates + 1)


def test_two_tutorial_instructors_of_one_name_are_ambiguous_too(company: Company) -> None:
    company.change(
        "WITH u AS (INSERT INTO public.auth_user (username, first_name, last_name) VALUES"
        " ('twin', 'aisha', 'RAVENSCROFT') RETURNING id), s AS (INSERT INTO acted.staff (user_id)"
        " SELECT id FROM u RETURNING id)"
        " INSERT INTO acted.tutorial_instructors (staff_id) SELECT id FROM s"
    )
    told = company.document("sync", "instructors")
    found = {
        (one["label"], one["outcome"], len(one["candidates"]))
        for one in told["steps"][0]["discrepancies"]
        if "avenscroft" in one["label"].casefold()
    }
    [aisha] = company.values("SELECT external_id FROM adm.instructors WHERE first_name = 'Aisha'")
    assert found == {
        (f"Aisha Ravenscroft ({aisha})", "ambiguous", 2),
        ("Aisha Ravenscroft", "ambiguous", 2),
        ("aisha RAVENSCROFT", "ambiguous", 2),
    }


def test_a_definition_that_serves_two_entity_types_has_a_row_for_each(synced: Company) -> None:
    types = synced.values(
        "SELECT entity_type FROM adm.custom_fields WHERE label = 'Sage code' ORDER BY 1"
    )
    assert types == ["CourseTemplate", "Event"]
    every = set(synced.values("SELECT entity_type FROM adm.custom_fields"))
    assert every == {
        *("Event", "Session", "CourseTemplate", "Contact", "Account", "Learner", "Opportunity")
    }
    asked = {payload["part"] for _, payload in synced.events("PageFetched") if payload["part"]}
    assert len({one for one in asked if one != "current"}) == 19


def test_prices_are_decimals_to_the_penny(synced: Company) -> None:
    prices = synced.rows(
        "SELECT t.code, l.name, p.amount FROM adm.course_template_price_levels p"
        " JOIN adm.course_templates t ON t.id = p.course_template_id"
        " JOIN adm.pricelevels l ON l.id = p.price_level_id WHERE t.code = 'CB1_LO_3'"
    )
    assert set(prices) == {
        ("CB1_LO_3", "Standard", Decimal("495.00")),
        ("CB1_LO_3", "Retaker", Decimal("330.00")),
    }


def test_the_second_price_of_a_template_and_level_is_skipped_and_said(synced: Company) -> None:
    first = synced.control.dump("CourseTemplatePublicPrice")[0]
    values = {
        name: value for name, value in first.items() if name.endswith("Id") and name != "legacyId"
    }
    synced.control.insert("CourseTemplatePublicPrice", amount="12.34", **values)
    told = synced.document("sync", "course-template-price-levels", code=4)
    [skipped] = told["steps"][0]["skipped"]
    assert "12.34: another price of the same template and level" in skipped
    assert told["steps"][0]["counts"]["skipped"] == 1


def test_what_a_sync_needs_is_named_with_the_command_to_run_first(company: Company) -> None:
    for name, needed in (
        ("venues", "locations"),
        ("course-templates", "custom-fields"),
        ("course-template-price-levels", "course-templates"),
    ):
        done = company.admsync("sync", name, code=1)
        assert f"first; run: admsync sync {needed}" in done.stderr
    assert company.control.counts() == {}


@pytest.mark.parametrize("typed", [["sync_locations"], ["sync-locations"]])
def test_older_spellings_work(company: Company, typed: list[str]) -> None:
    done = company.admsync(*typed)
    assert "✓ Locations: 17 created, 0 updated, 0 unchanged, 0 deleted, 0 skipped" in done.stdout


@pytest.mark.parametrize(
    "typed", [["sync"], ["sync", "rooms"], ["sync", "venues", "--page-size", "101"], ["sync_rooms"]]
)
def test_wrong_usage_exits_2(typed: list[str]) -> None:
    done = admsync(*typed)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_sync_without_settings_names_every_one_that_is_missing(company: Company) -> None:
    done = admsync("sync", "venues", url=company.url)
    assert done.returncode == 1
    assert "ADMINISTRATE_API_URL" in done.stderr
    assert "ADMINISTRATE_API_SECRET" in done.stderr


def test_sync_all_stops_at_the_step_that_fails(company: Company) -> None:
    company.control.set_faults("401:PriceLevels:*")
    done = company.admsync("sync", "all", code=3)
    assert (
        "✗ Price levels: Administrate, PriceLevels: the access token was refused (401)"
        in done.stdout
    )
    assert "locations" not in done.stdout
    assert "go on with: admsync resume" in done.stderr.splitlines()[-1]


def test_with_skip_errors_it_goes_on_and_tells_every_failure_at_the_end(company: Company) -> None:
    company.control.set_faults("401:PriceLevels:*", "401:Locations:*")
    done = company.admsync("sync", "all", "--skip-errors", code=3)
    assert "✓ Instructors: 46 created" in done.stdout
    last = done.stderr.splitlines()[-1]
    assert "6 of 9 steps failed" in last
    for failed in ("PriceLevels", "Locations", "sync locations", "sync price-levels"):
        assert failed in last
    company.control.clear_faults()
    resumed = company.document("resume")
    assert [step.get("resumed", False) for step in resumed["steps"]] == [
        *(True, False, False, False, True, True, False, False, False)
    ]
    assert company.document("runs")[0]["counts"]["created"] == sum(SHIPPED.values())


def test_a_renamed_record_is_changed_field_by_field(synced: Company) -> None:
    venue = synced.venue("Waverley Hall")
    synced.control.edit(venue, description="By the station")
    told = synced.document("sync", "venues")
    assert told["steps"][0]["counts"]["updated"] == 1
    [(stream, payload)] = synced.events("RecordChanged")
    assert stream == f"adm.venues/{venue}"
    assert payload["changes"] == {"description": {"before": "", "after": "By the station"}}
    synced.control.edit(venue, name="Waverley House")
    synced.document("sync", "venues")
    assert synced.values(
        "SELECT tutorial_venue_id FROM adm.venues WHERE name = 'Waverley House'"
    ) == [None]
    events = [event["type"] for event in synced.document("history", f"adm.venues/{venue}")]
    assert events[-2:] == ["RecordChanged", "MatchDecided"]


def test_a_record_that_is_gone_loses_its_row_after_what_refers_to_it(synced: Company) -> None:
    location = synced.location("Belfast")
    [venue] = synced.values("SELECT external_id FROM adm.venues WHERE location_id = %s", location)
    synced.control.remove(venue, location)
    told = synced.document("sync", "locations")
    assert told["steps"][0]["counts"]["deleted"] == 1
    assert synced.values("SELECT location_id FROM adm.venues WHERE external_id = %s", venue) == [
        None
    ]
    assert synced.document("sync", "venues")["steps"][0]["counts"]["deleted"] == 1
    assert synced.admsync("verify").returncode == 0


def test_more_than_a_fifth_is_not_removed_at_once_unless_allowed(synced: Company) -> None:
    gone = [one["id"] for one in synced.control.dump("Venue")][:6]
    synced.control.remove(*gone)
    told = synced.document("sync", "venues", code=4)
    assert told["steps"][0]["counts"]["deleted"] == 0
    assert told["steps"][0]["counts"]["skipped"] == 6
    assert "6 of 21 would go at once; --allow-deletes removes it" in told["steps"][0]["skipped"][0]
    # Refused once; then it is said in a line, and waits for a person.
    again = synced.document("sync", "venues", "--strict", code=5)["steps"][0]
    assert (again["counts"]["skipped"], again["skipped"]) == (0, [])
    [told] = again["notes"]
    assert told.startswith("6 venues gone from Administrate are kept, as told before")
    assert told.endswith("admsync sync venues --allow-deletes lets them go")
    allowed = synced.document("sync", "venues", "--allow-deletes")
    assert allowed["steps"][0]["counts"]["deleted"] == 6
    assert synced.document("sync", "venues")["steps"][0]["notes"] == []


def test_what_is_skipped_for_one_reason_is_told_once() -> None:
    guard = "gone from Administrate, not removed: 5 of 21 would go at once"
    lines = (*(f"V{number}: {guard}" for number in range(5)), "V9: a price: too long")
    assert list(Synced(VENUES, {}, lines).skipped_lines()) == [
        f"V0, V1, V2 and 2 more: {guard}",
        "V9: a price: too long",
    ]


def test_five_may_go_at_once_however_few_there_are(synced: Company) -> None:
    synced.control.remove(*[one["id"] for one in synced.control.dump("Venue")][:5])
    assert synced.document("sync", "venues")["steps"][0]["counts"]["deleted"] == 5


def test_nothing_is_removed_where_the_fetch_was_not_complete(synced: Company) -> None:
    synced.control.remove(synced.venue("Clifton Lodge"))
    synced.control.set_faults("page-insert:Venues:*")
    told = synced.document("sync", "venues", "--page-size", "5", code=4)
    assert told["steps"][0]["counts"]["deleted"] == 0
    assert "the fetch was not complete" in json.dumps(told["steps"][0]["skipped"])


def test_a_tutorial_record_that_went_inactive_gives_its_link_up(synced: Company) -> None:
    synced.change("UPDATE acted.tutorial_locations SET is_active = false WHERE name = 'Leeds'")
    synced.document("sync", "locations")
    assert synced.values("SELECT tutorial_location_id FROM adm.locations WHERE name = 'Leeds'") == [
        None
    ]


def test_no_prompt_creates_nothing_and_asks_nothing(company: Company) -> None:
    done = company.admsync("sync", "all", "--no-prompt")
    assert "[y/N]" not in done.stdout
    assert company.control.changes() == []
