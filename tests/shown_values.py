"""What the screens of ``tests/test_screens.py`` are made of: a night, as values."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ledger.events import FieldDecided, FieldsAgreed, FieldsDiffer
from ledger.events.agreement import Disparity, Pair
from ledger.output.plans import (
    ADMINISTRATE,
    TUTORIAL,
    Effect,
    PlannedItem,
    PlanPart,
    ShownPlan,
)
from ledger.runs.states import RunState
from ledger.runs.streak import Streak
from ledger.values import Value
from sync.decide.changed_links import RemovedLink
from sync.discrepancies.discrepancy import Discrepancy, Offered
from sync.discrepancies.listed import ListedDiscrepancy
from sync.discrepancies.waiting import Waiting, WaitingDiscrepancies
from sync.doctor import Check
from sync.entities import EVENTS, INSTRUCTORS, LOCATIONS, VENUES
from sync.events.comparison import Listed
from sync.events.drift import EventOutOfStep, OutOfStep
from sync.events.fields import EVENT_FIELDS
from sync.events.step import Compared
from sync.reports.discrepancy_lines import NONE_EQUAL
from sync.reports.status import Anchoring, Freshness, Status, Unfinished
from sync.settings import SettingInUse
from sync.synced import Synced

SEEN = datetime(2026, 6, 23, 1, 15, tzinfo=UTC)
DAY = 86_400.0
HALL, HAYMARKET = "adm.venues/VmVudWU6MTA3", "acted.tutorial_venues/19"
EVENT, TUTORIAL_EVENT = "adm.events/RXZlbnQ6MTAz", "acted.tutorial_events/103"


def _discrepancy(
    record: str,
    label: str,
    *,
    meant: Offered | None = None,
    new: bool = False,
    of: tuple[str, ...] = (),
) -> Discrepancy:
    return Discrepancy(
        record=record,
        side="tutorial" if record.startswith("acted.") else "administrate",
        label=label,
        outcome="ambiguous" if of else "unmatched",
        reason="several records are equal" if of else NONE_EQUAL,
        candidates=of,
        suggestion=meant.name if meant else None,
        score=meant.score if meant else None,
        cause=meant.cause if meant else None,
        change=meant.change if meant else None,
        also_best_of=(),
        review=False,
        new=new,
        suggested_record=meant.record if meant else None,
        candidate_records=tuple(f"adm.venues/{one.partition('(')[2][:-1]}" for one in of),
        candidate_count=len(of),
        offered=(meant,) if meant else (),
    )


_MEANT = Offered(
    record=HALL,
    name="Haymarket Terace",
    score=0.94,
    cause="a letter is missing",
    change="in Administrate change 'Terace' to 'Terrace'",
    tied=False,
    also_best_of=(),
    review=False,
    accepted_like=14,
    decided_like=15,
)
OPEN = (
    _discrepancy(HAYMARKET, "Haymarket Terrace (19)", meant=_MEANT, new=True),
    _discrepancy("adm.venues/VmVudWU6MTEy", "Zinc Works (VmVudWU6MTEy)"),
    _discrepancy(
        "acted.tutorial_venues/23",
        "Quarry House (23)",
        of=("Quarry House (VmVudWU6MTA5)", "Quarry House (VmVudWU6MTEw)"),
    ),
)
LISTED = {VENUES: [ListedDiscrepancy(one, SEEN, 8 * DAY) for one in OPEN]}

STEPS = (
    Synced(
        VENUES,
        {"created": 1, "updated": 2, "deleted": 0, "unchanged": 1362, "linked": 3, "skipped": 1},
        skipped=("VmVudWU6MTI0: its location is not there: admsync sync locations",),
        discrepancies=OPEN,
        removed_links=(
            RemovedLink(
                HALL,
                "Waverley Hall",
                "acted.tutorial_venues/7",
                "Waverly Hall",
                None,
                "their names are equal no longer, and no person linked them",
            ),
        ),
        kept=("Calton Rooms (VmVudWU6MTE3)",),
    ),
    Synced(
        EVENTS,
        {"created": 0, "updated": 10, "deleted": 0, "unchanged": 338},
        (),
        compared=Compared(2, ["ELO-CB1-30-26A: max places 30 → 24"], 3),
    ),
)


def _out_of_step(name: str, kind: Listed, base: Value, here: Value, there: Value) -> OutOfStep:
    [declared] = [one for one in EVENT_FIELDS if one.name == name]
    return OutOfStep(
        record=EVENT,
        tutorial=TUTORIAL_EVENT,
        name=name,
        declared=declared,
        owner="administrate",
        disparity=Disparity(
            kind=kind.value,
            base=Pair(administrate=base, tutorial=base),
            administrate=here,
            tutorial=there,
        ),
        since=SEEN,
        run_id=None,
    )


DRIFT = [
    EventOutOfStep(
        record=EVENT,
        title="CB1 London Live online 2026A",
        code="ELO-CB1-30-26A",
        tutorial=TUTORIAL_EVENT,
        timezone="Europe/London",
        fields=(
            _out_of_step("max_places", Listed.CONFLICT, 30, 24, 28),
            _out_of_step("sitting", Listed.TO_PUSH, "2026A", "2026A", "2026B"),
            _out_of_step(
                "lms_start",
                Listed.OWNED_BY_WEB_APPLICATION,
                "2026-03-02T09:00:00Z",
                "2026-03-03T09:00:00Z",
                "2026-03-02T09:00:00Z",
            ),
        ),
    )
]


def status_of(stopped: RunState) -> Status:
    """A morning with a run to go on with, and much to decide about."""
    return Status(
        position=48_211,
        entities=(
            Freshness(LOCATIONS, SEEN, None, DAY / 3),
            Freshness(VENUES, SEEN, None, 8 * DAY),
            Freshness(INSTRUCTORS),
        ),
        last_sync=None,
        unfinished=(Unfinished(stopped, Streak(3, SEEN)),),
        waiting=Waiting(
            (
                WaitingDiscrepancies(LOCATIONS, 12, 0, SEEN),
                WaitingDiscrepancies(VENUES, 19, 1, SEEN),
            ),
            2,
            1,
            ((INSTRUCTORS, 40),),
        ),
        anchoring=Anchoring(
            ok=False, position=None, said="not noted outside of the database: set ADMSYNC_ANCHORS"
        ),
    )


ROLLBACK = ShownPlan(
    "Rolls run 01a21baa-882e-70bc-8e59-c17b21b9f102 of import-events back: 2 events, 1 kept.",
    (
        Effect(ADMINISTRATE, 1, "draft event", "deleted"),
        Effect(TUTORIAL, 1, "event", "deleted"),
        Effect(TUTORIAL, 1288, "session", "deleted"),
    ),
    (
        PlannedItem(
            "CB1 London Live online 2026A (ELO-CB1-30-26A)",
            "deleted in both systems, with 4 sessions",
            date(2026, 3, 2),
            date(2026, 6, 12),
            notes=("a session of it was moved since the import",),
        ),
    ),
    (
        PlanPart(
            "Kept",
            (("CM2 Edinburgh 2026A: published since, by Dorothea Brooke", "position 48,102"),),
        ),
    ),
    ("the approval of Cathrine Jones for CB1, which Administrate has no call to take away",),
)

CHECKS = (
    Check("database", ok=True, said="PostgreSQL 16.4 at db.example.com: tutorials, as owner"),
    Check(
        "schema",
        ok=False,
        said="it is of version 0008, and this program works on 0009: run admsync migrate as the"
        " owner of the schemas",
    ),
)
IN_USE = [
    SettingInUse("DATABASE_URL", None, "the environment", ""),
    SettingInUse("DB_PORT", "5432", "the environment", "no effect beside DATABASE_URL"),
    SettingInUse("ADMINISTRATE_API_URL", "https://api.getadministrate.com/graphql", ".env.uat", ""),
    SettingInUse("ADMSYNC_LINGER", "5 minutes", "default", ""),
]

IN_STEP = [
    FieldsAgreed(
        table="adm.events",
        key="RXZlbnQ6MTAz",
        row_id=103,
        tutorial=TUTORIAL_EVENT,
        pairs={
            "title": Pair(administrate="CB1 London", tutorial="CB1 London"),
            "max_places": Pair(administrate=30, tutorial=28),
        },
        by="read",
    ),
    FieldsDiffer(
        table="adm.events",
        key="RXZlbnQ6MTAz",
        row_id=103,
        tutorial=TUTORIAL_EVENT,
        fields={"max_places": DRIFT[0].fields[0].disparity},
    ),
    FieldDecided(
        table="adm.events",
        key="RXZlbnQ6MTAz",
        row_id=103,
        tutorial=TUTORIAL_EVENT,
        name="max_places",
        side="administrate",
        reason="the room is full",
        values=Pair(administrate=24, tutorial=28),
    ),
]
