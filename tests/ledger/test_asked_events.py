"""A person asks for a run's or a record's events in part: by type, by record, what failed, what
changed; and syncs that only confirmed a record take one line."""

from __future__ import annotations

import json
import re

import pytest

from ledger.errors import UsageRefused
from ledger.events import CATALOGUE, MatchesReaffirmed
from ledger.history.asked_events import CHANGING, FAILING, types_named
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger
from tests.ledger.record_events import changed, linked, observed, tutorial_venue
from tests.program import admsync

MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Two venues seen in a run, one of them linked; three syncs that confirm it, and a change."""
    tutorial = tutorial_venue(ledger.database, "BPP Waterloo")
    with new_run(ledger, "sync venues") as run:
        run.append(
            observed("adm.venues", "V1", 1, name="BPP Waterloo"),
            observed("adm.venues", "V2", 2, name="Elsewhere"),
            linked("adm.venues", "V1", 1, tutorial),
        )
    for _ in range(3):
        confirm(ledger)
    with new_run(ledger, "sync venues") as run:
        run.append(changed("adm.venues", "V1", 1, name=("BPP Waterloo", "Waterloo")))
    confirm(ledger)
    return ledger


def confirm(ledger: Ledger) -> None:
    confirmed = MatchesReaffirmed(
        table="adm.venues",
        rule="venue name in location",
        rule_version=1,
        keys=("V1",),
        row_ids=(1,),
    )
    with new_run(ledger, "sync venues") as run:
        run.append(confirmed)


def printed(url: str, *arguments: str) -> str:
    done = admsync(*arguments, url=url)
    assert done.returncode == 0, done.stderr
    return done.stdout


def types(url: str, *arguments: str) -> list[str]:
    return [event["type"] for event in json.loads(printed(url, *arguments, "--json"))]


def test_a_history_folds_the_syncs_that_only_confirmed(told: Ledger, database_url: str) -> None:
    assert told
    lines = printed(database_url, "history", "adm.venues/V1").splitlines()
    folded = [MOMENT.sub("then", line) for line in lines if line.startswith("Confirmed")]
    assert folded == [
        "Confirmed unchanged by 3 syncs, last on then, position 13",
        "Confirmed unchanged by 1 sync, last on then, position 19",
    ]
    assert types(database_url, "history", "adm.venues/V1").count("MatchesReaffirmed") == 4


def test_a_history_tells_changes_alone(told: Ledger, database_url: str) -> None:
    assert told
    arguments = ("history", "adm.venues/V1", "--changes-only")
    assert types(database_url, *arguments) == ["RecordObserved", "MatchDecided", "RecordChanged"]
    text = printed(database_url, *arguments)
    assert "name: BPP Waterloo → Waterloo" in text
    assert "Confirmed" not in text


def test_a_run_is_shown_with_its_numbers_first(told: Ledger, database_url: str) -> None:
    assert told
    first = json.loads(printed(database_url, "runs", "--json"))[-1]["run_id"]
    head = printed(database_url, "show", first).splitlines()
    assert head[3] == "5 events: 1 RunStarted, 2 RecordObserved, 1 MatchDecided, 1 RunCompleted"
    for arguments, found in (
        (("--type", "recordobserved"), ["RecordObserved", "RecordObserved"]),
        (("--type", "RunStarted", "--type", "MatchDecided"), ["RunStarted", "MatchDecided"]),
        (("--record", "elsewhere"), ["RecordObserved"]),
        (("--limit", "2"), ["RunStarted", "RecordObserved"]),
        (("--failed",), []),
    ):
        assert types(database_url, "show", first, *arguments) == found


def test_a_type_that_is_none_is_refused_with_the_nearest() -> None:
    assert types_named(()) is None
    with pytest.raises(UsageRefused, match="did you mean RecordChanged or "):
        types_named(("RecordChange",))
    assert {*CHANGING, *FAILING} <= set(CATALOGUE.classes)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("show", "nothing"), 2), (("show", "last", "--limit", "0"), 2), (("history", "Nowhere"), 2)],
    ids=str,
)
def test_an_error_is_a_document_too(
    told: Ledger, database_url: str, arguments: tuple[str, ...], code: int
) -> None:
    assert told
    done = admsync(*arguments, "--json", url=database_url)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["exit_code"]) == (code, code)
    assert error["message"] in done.stderr
