"""What each line of the corpus means, in the same order."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from ledger.events import (
    BridgeRowAdopted,
    CreationsAgreed,
    DecisionTaken,
    DecisionWithdrawn,
    EntitySynced,
    Event,
    FetchCompleted,
    FetchFailed,
    FetchRestarted,
    FieldChange,
    MatchDecided,
    MatchesReaffirmed,
    PageFetched,
    PersonErased,
    ProjectionsMended,
    RecordChanged,
    RecordObserved,
    RecordVanished,
    RunCompleted,
    RunFailed,
    RunInterrupted,
    RunResumed,
    RunRolledBack,
    RunStarted,
    StoredAnswer,
    TutorialRecordLeft,
    TutorialRecordUnmatched,
    WriteAdopted,
    WriteAnswered,
    WriteDisputed,
    WriteRequested,
    WriteUnanswered,
)
from ledger.values import Personal

VENUE = "adm.venues"
WATERLOO = "VmVudWU6Nw=="
DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
RUN = "0198a5d4-6f00-7000-8000-000000000001"

MEANINGS: tuple[Event, ...] = (
    RunStarted(command="sync all", options={"page_size": 100, "no_prompt": True}, software="0.1.0"),
    RunInterrupted(step="venues", reason="the connection was refused"),
    RunResumed(software="0.1.1"),
    RunCompleted(counts={"venues created": 12}, refused=3),
    RunCompleted(),
    RunFailed(reason="no such sitting: 2026-13"),
    RunRolledBack(rolled_back=RUN, reason="wrong workbook"),
    ProjectionsMended(rows={"adm.venues": 2}),
    PageFetched(
        entity="venues",
        part="",
        offset=0,
        total=2,
        ids=(WATERLOO, "VmVudWU6OA=="),
        answers=(
            StoredAnswer(
                operation="Venues",
                variables={"offset": 0, "first": 100},
                digest=DIGEST,
                status=200,
                milliseconds=87,
            ),
        ),
    ),
    PageFetched(entity="custom-fields", part="Event", offset=100, total=100, ids=(), answers=()),
    FetchFailed(
        entity="venues",
        part="",
        operation="Venues",
        kind="ServerFault",
        attempts=2,
        said="502 Bad Gateway\n\u001b[31m",
    ),
    FetchRestarted(entity="venues", part="", reason="the total went from 7 to 8"),
    FetchCompleted(entity="venues", part="", records=107, complete=True),
    FetchCompleted(
        entity="custom-fields", part="Event", records=3, complete=False, reason="one id twice"
    ),
    RecordObserved(
        table=VENUE,
        key=WATERLOO,
        row_id=7,
        fields={
            "name": "BPP Waterloo",
            "none": None,
            "yes": True,
            "places": -12,
            "beyond doubles": 2**53,
            "amount": Decimal("1.10"),
            "large": Decimal("1E+3"),
            "day": date(2026, 4, 1),
            "time": time(9, 30, 0, 5),
            "start": datetime(2026, 4, 1, 9, 30, tzinfo=UTC),
            "the second half past one": datetime(
                2026, 10, 25, 1, 30, tzinfo=timezone(timedelta(hours=1)), fold=1
            ),
            "naive": datetime(2026, 4, 1, 9, 30),  # noqa: DTZ001 - older tools keep such
            "nested": {"list": [1, "two", [Decimal("3.0")]], "$key": {"$decimal": "not one"}},
        },
    ),
    RecordObserved(
        table="adm.instructors",
        key="SW5zdHJ1Y3Rvcjox",
        row_id=1,
        fields={
            "first_name": Personal("Ada"),
            "last_name": Personal(None, erased=True),
            "middle_name": Personal(None),
            "legacy_id": "NUL \x00, lone \ud800, substitute \x1a, astral \U0001f600, last \uffff",
        },
    ),
    RecordChanged(
        table=VENUE,
        key=WATERLOO,
        row_id=7,
        changes={
            "name": FieldChange(before="BPP Waterloo", after="BPP London Waterloo"),
            "description": FieldChange(before=None, after=["a", Decimal("0.0")]),
        },
    ),
    RecordVanished(table=VENUE, key=WATERLOO, row_id=7, fields={"name": "BPP London Waterloo"}),
    BridgeRowAdopted(
        table=VENUE,
        key="id=17",
        row_id=17,
        fields={"name": "Old Street", "created_at": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)},
        linked="acted.tutorial_venues/5",
    ),
    BridgeRowAdopted(table=VENUE, key="id=18", row_id=18, fields={}, linked=None),
    MatchDecided(
        table=VENUE,
        key=WATERLOO,
        row_id=7,
        outcome="linked",
        reason="rule",
        rule="name and location",
        rule_version=1,
        linked="acted.tutorial_venues/5",
        before=None,
        flagged=True,
        candidates=("acted.tutorial_venues/6",),
        evidence={"likeness": Decimal("0.91")},
    ),
    MatchDecided(
        table=VENUE,
        key=WATERLOO,
        row_id=7,
        outcome="unmatched",
        reason="none-equal",
        rule="name and location",
        rule_version=1,
        linked=None,
        before="acted.tutorial_venues/5",
    ),
    MatchesReaffirmed(
        table=VENUE,
        rule="name",
        rule_version=2,
        keys=("a", "b"),
        row_ids=(7, 8),
        tutorial_table="acted.tutorial_venues",
        tutorial_ids=(5,),
    ),
    MatchesReaffirmed(table=VENUE, rule="name", rule_version=1, keys=("c",), row_ids=(9,)),
    TutorialRecordUnmatched(
        tutorial="acted.tutorial_venues/9",
        table=VENUE,
        outcome="ambiguous",
        reason="several",
        rule="name and location",
        rule_version=1,
        candidates=("adm.venues/a", "adm.venues/b"),
        evidence={"key": ["old street", "london"]},
    ),
    TutorialRecordUnmatched(
        tutorial="acted.tutorial_venues/9",
        table=VENUE,
        outcome="unmatched",
        reason="none-equal",
        rule="name and location",
        rule_version=1,
    ),
    TutorialRecordLeft(tutorial="acted.tutorial_venues/9", table=VENUE),
    EntitySynced(entity="venues", counts={"created": 12, "unchanged": 0}),
    DecisionTaken(
        decision="accept",
        table=VENUE,
        subject="adm.venues/a",
        object="acted.tutorial_venues/9",
        reason="moved next door",
        fields={"administrate_key": ["Old Street"]},
    ),
    DecisionTaken(
        decision="ignore", table=VENUE, subject="adm.venues/b", object=None, reason="closed"
    ),
    CreationsAgreed(
        entity="locations", records=("acted.tutorial_locations/4",), needed="UmVnaW9uOjE="
    ),
    DecisionWithdrawn(
        taken=27, subject="adm.venues/a", object="acted.tutorial_venues/9", reason="a mistake"
    ),
    PersonErased(
        erased="adm.instructors/SW5zdHJ1Y3Rvcjox",
        reason="asked to be forgotten",
        values=(DIGEST,),
        blobs=(DIGEST,),
        rows={"adm.instructors": (1,)},
        linked=("acted.tutorial_instructors/4",),
    ),
    PersonErased(erased="adm.instructors/b", reason="left", values=(), blobs=()),
    WriteRequested(
        about="acted.tutorial_instructors/4",
        slot="create acted.tutorial_instructors/4",
        operation="ContactCreate",
        variables={"input": {"accountId": "A", "personalName": {"middleName": Personal(None)}}},
    ),
    WriteAnswered(
        about="acted.tutorial_locations/4",
        slot="create acted.tutorial_locations/4",
        operation="LocationCreate",
        outcome="written",
        id="TG9jYXRpb246MQ==",
        errors=("code: is long (LONDON)",),
        digest=DIGEST,
    ),
    WriteAnswered(
        about="acted.tutorial_locations/4",
        slot="create acted.tutorial_locations/4",
        operation="LocationCreate",
        outcome="refused",
        id=None,
        errors=(),
        digest=DIGEST,
    ),
    WriteUnanswered(
        about="acted.tutorial_locations/4",
        slot="create acted.tutorial_locations/4",
        operation="LocationCreate",
        kind="AnswerLost",
        done="perhaps done",
        said="",
    ),
    WriteAdopted(
        about="acted.tutorial_locations/4",
        slot="create acted.tutorial_locations/4",
        operation="LocationCreate",
        id="TG9jYXRpb246MQ==",
    ),
    WriteDisputed(
        about="acted.tutorial_locations/4",
        slot="create acted.tutorial_locations/4",
        operation="LocationCreate",
        ids=("TG9jYXRpb246MQ==", "TG9jYXRpb246Mg=="),
    ),
)
