"""Every plan is shown in one form, and kept in a file that only its very plan is carried out of."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from ledger.errors import AdmsyncError, UsageRefused
from ledger.files import NewFile
from ledger.output.plans import (
    ADMINISTRATE,
    TUTORIAL,
    Effect,
    PlannedItem,
    PlanPart,
    ShownPlan,
    plan_document,
    plan_lines,
)
from ledger.runs.kept_plan import KeptPlan, PlanChanged, check_kept, keep_plan
from ledger.runs.run import new_run
from ledger.store.ledger import Ledger

BEGINS = date(2026, 3, 2)
EVENTS = tuple(
    PlannedItem(f"E{n}", "deleted", BEGINS, BEGINS + timedelta(days=n), (f"row {n}",))
    for n in range(348)
)
WHOLE = ShownPlan(
    "Rolls back 348 events.",
    (
        Effect(ADMINISTRATE, 348, "draft event", "deleted"),
        Effect(TUTORIAL, 348, "event", "deleted"),
        Effect(TUTORIAL, 1288, "session", "deleted"),
        Effect(TUTORIAL, 1, "venue", "restored"),
        Effect(TUTORIAL, 0, "location", "restored"),
    ),
    EVENTS,
    (PlanPart("Kept", (("X: published by now", "position 7"),)), PlanPart("Left out", ())),
    ("the approval of Cathrine Jones",),
)


def test_a_plan_begins_with_its_verdict_and_ends_with_what_cannot_be_undone() -> None:
    lines = list(plan_lines(WHOLE))
    assert lines[:5] == [
        "Rolls back 348 events.",
        "  In Administrate: 348 draft events deleted",
        "  In the tutorial tables: 348 events, 1,288 sessions deleted; 1 venue restored",
        "  → E0, 2026-03-02: deleted",
        "  → E1, 2026-03-02 to 2026-03-03: deleted",
    ]
    assert lines[23:] == [
        "  … and 328 more: --full",
        "Kept: 1",
        "  ✗ X: published by now",
        "      position 7",
        "Cannot be undone: 1",
        "  ⚠ the approval of Cathrine Jones",
    ]


def test_in_full_and_as_a_document_nothing_is_left_out() -> None:
    lines = list(plan_lines(WHOLE, full=True))
    assert not [line for line in lines if "more: --full" in line]
    assert lines[3:5] == ["  → E0, 2026-03-02: deleted", "      row 0"]
    document = plan_document(WHOLE)
    assert len(document["items"]) == 348
    assert document["items"][1]["ends"] == date(2026, 3, 3)
    assert document["systems"][2] == {
        "system": TUTORIAL,
        "count": 1288,
        "what": "session",
        "done": "deleted",
    }
    assert [one["heading"] for one in document["parts"]] == ["Kept"]
    assert document["cannot_be_undone"] == ["the approval of Cathrine Jones"]


PLAN = KeptPlan(
    "events publish", {"sitting": "2026A"}, {"A": {"set": BEGINS}, "B": {"set": None}, "C": {}}
)


def kept(ledger: Ledger, path: Path, plan: KeptPlan = PLAN) -> Path:
    with ledger.database.driver_transaction() as connection:
        keep_plan(NewFile(path), connection, plan)
    return path


def check(ledger: Ledger, path: Path, plan: KeptPlan = PLAN) -> None:
    with ledger.database.driver_transaction() as connection:
        check_kept(path, connection, plan)


def test_a_kept_plan_is_carried_out_while_nothing_of_it_has_changed(
    ledger: Ledger, tmp_path: Path
) -> None:
    with new_run(ledger, "erase"):
        pass
    path = kept(ledger, tmp_path / "plan.json")
    assert path.stat().st_mode & 0o777 == 0o600
    check(ledger, path)
    # What else happens is no reason to refuse it.
    with new_run(ledger, "erase"):
        pass
    check(ledger, path)
    entries = {"A": {"set": None}, "B": {"set": None}, "D": {}}
    with pytest.raises(PlanChanged, match=r"changed: A; new: D; no longer there: C\. Nothing"):
        check(ledger, path, evolve(PLAN, entries=entries))
    with pytest.raises(UsageRefused, match=r"of events publish \(sitting 2026A\), not of events p"):
        check(ledger, path, evolve(PLAN, about={"sitting": "2026S"}))


def test_what_is_no_plan_or_was_changed_or_is_another_ledgers_is_refused(
    ledger: Ledger, tmp_path: Path
) -> None:
    with new_run(ledger, "erase"):
        pass
    path = kept(ledger, tmp_path / "plan.json")
    whole = json.loads(path.read_text())
    refused = {
        "": "is no plan that admsync kept",
        "[]": "is no plan that admsync kept",
        json.dumps({**whole, "plan": {**whole["plan"], "entries": {}}}): "was changed after",
        json.dumps({**whole, "form": "admsync plan 9"}): "of another version",
    }
    for content, why in refused.items():
        path.write_text(content)
        with pytest.raises(UsageRefused, match=why):
            check(ledger, path)
    path.unlink()
    with pytest.raises(UsageRefused, match="cannot be read"):
        check(ledger, path)
    kept(ledger, path)
    with pytest.raises(AdmsyncError, match="is there already"):
        kept(ledger, path)
