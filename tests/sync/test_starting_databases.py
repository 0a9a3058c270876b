"""The three databases there may be at first: empty, the web application's, an older tool's."""

from __future__ import annotations

import pytest

from ledger.schema import acted
from sync.sandbox.process import RunningSandbox
from tests.sync.company import SHIPPED, Company

# What the older tool left: links between equal and unequal names, a record that is gone, and
# tables whose schema went into their name.
OLDER_TOOL = """
CREATE SCHEMA adm;
CREATE TABLE adm.locations (
    id bigint PRIMARY KEY, external_id text UNIQUE, name text,
    tutorial_location_id bigint REFERENCES acted.tutorial_locations (id)
);
INSERT INTO adm.locations
SELECT 70, '{leeds}', 'Leeds', id FROM acted.tutorial_locations WHERE name = 'Leeds';
INSERT INTO adm.locations
SELECT 71, '{newcastle}', 'Newcastle', id FROM acted.tutorial_locations WHERE name = 'Newcastle ';
INSERT INTO adm.locations VALUES (72, 'TG9jYXRpb246OTk5', 'Gone', NULL);
CREATE TABLE public."adm.events" (
    id bigint PRIMARY KEY, external_id text UNIQUE, title text,
    tutorial_event_id bigint REFERENCES acted.tutorial_events (id)
);
INSERT INTO public."adm.events" SELECT 5, 'RXZlbnQ6MQ==', code, id FROM acted.tutorial_events
ORDER BY id LIMIT 1;
"""


@pytest.fixture
def nothing(empty_database_url: str, company_sandbox: RunningSandbox) -> Company:
    """A database with nothing in it."""
    company_sandbox.control.reset()
    return Company(empty_database_url, company_sandbox)


@pytest.fixture
def web_application(company: Company) -> Company:
    """A database as the web application has it, and nothing else."""
    company.change("DROP SCHEMA adm CASCADE")
    company.change("DROP SCHEMA ledger CASCADE")
    return company


def test_an_empty_database_is_migrated_and_synced(nothing: Company) -> None:
    refused = nothing.admsync("sync", "all", code=1)
    assert "run: admsync migrate" in refused.stderr
    nothing.admsync("migrate")
    told = nothing.document("sync", "all")
    assert [step["counts"]["created"] for step in told["steps"]] == list(SHIPPED.values())
    assert nothing.values("SELECT count(*) FROM adm.venues WHERE tutorial_venue_id > 0") == [0]
    nothing.admsync("verify")


def test_the_web_application_s_rows_stay_as_they_are(web_application: Company) -> None:
    before = web_application.snapshot()
    assert len(before) == len(acted.TABLES) - 1  # all but public.auth_user
    web_application.admsync("migrate")
    web_application.admsync("sync", "all")
    after = web_application.snapshot()
    assert {name: after[name] for name in before} == before
    assert web_application.values("SELECT count(*) FROM adm.venues WHERE tutorial_venue_id > 0") > [
        0
    ]


def test_an_older_tool_s_links_are_adopted_kept_and_judged(web_application: Company) -> None:
    company = web_application
    leeds, newcastle = company.location("Leeds"), company.location("Newcastle")
    company.change(OLDER_TOOL.format(leeds=leeds, newcastle=newcastle))
    company.admsync("migrate")
    assert company.values("SELECT id FROM adm.events") == [5]
    # The older tool's only event is gone: that is told, and its row is kept.
    told = company.document("sync", "all", code=4)
    step = told["steps"][2]
    assert step["counts"] == {
        "created": 15, "updated": 2, "unchanged": 0, "deleted": 1, "skipped": 0, "errors": 0,
    }  # fmt: skip
    rows = company.rows(
        "SELECT a.id, a.external_id, t.name FROM adm.locations a"
        " JOIN acted.tutorial_locations t ON t.id = a.tutorial_location_id WHERE a.id < 72"
        " ORDER BY a.id"
    )
    assert rows == [(70, leeds, "Leeds"), (71, newcastle, "Newcastle ")]
    # The equal one was decided again as it stood; the unequal one is a link to look at.
    history = [event["type"] for event in company.document("history", f"adm.locations/{leeds}")]
    assert history == ["BridgeRowAdopted", "RecordChanged", "MatchesReaffirmed"]
    [flagged] = [one for one in step["discrepancies"] if one["outcome"] == "linked"]
    assert flagged["record"] == f"adm.locations/{newcastle}"
    assert flagged["reason"] == "linked by an older tool, though the two are not equal"
    # Its venue is linked through it, and a second sync decides nothing else.
    assert company.values("SELECT count(*) FROM adm.venues WHERE name = 'Tyne Court'"
                          " AND tutorial_venue_id IS NOT NULL") == [1]  # fmt: skip
    again = company.document("sync", "locations")
    assert again["steps"][0]["counts"]["unchanged"] == 17
    company.admsync("verify")
