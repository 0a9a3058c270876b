"""The events there are: one module a family, all of them in ``CATALOGUE``."""

from ledger.events.base import Event, record_name
from ledger.events.catalogue import Catalogue
from ledger.events.fetches import (
    FetchCompleted,
    FetchFailed,
    FetchRestarted,
    PageFetched,
    StoredAnswer,
)
from ledger.events.matches import (
    EntitySynced,
    MatchDecided,
    MatchesReaffirmed,
    TutorialRecordLeft,
    TutorialRecordUnmatched,
)
from ledger.events.people import (
    CreationsAgreed,
    DecisionTaken,
    DecisionWithdrawn,
    PersonErased,
)
from ledger.events.records import (
    BridgeRowAdopted,
    FieldChange,
    RecordChanged,
    RecordObserved,
    RecordVanished,
)
from ledger.events.remote_writes import (
    WriteAdopted,
    WriteAnswered,
    WriteDisputed,
    WriteRequested,
    WriteUnanswered,
)
from ledger.events.runs import (
    ProjectionsMended,
    RunCompleted,
    RunFailed,
    RunInterrupted,
    RunResumed,
    RunRolledBack,
    RunStarted,
)

CATALOGUE = Catalogue.of(
    [
        BridgeRowAdopted,
        CreationsAgreed,
        DecisionTaken,
        DecisionWithdrawn,
        EntitySynced,
        FetchCompleted,
        FetchFailed,
        FetchRestarted,
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
        TutorialRecordLeft,
        TutorialRecordUnmatched,
        WriteAdopted,
        WriteAnswered,
        WriteDisputed,
        WriteRequested,
        WriteUnanswered,
    ]
)

__all__ = [
    "CATALOGUE",
    "BridgeRowAdopted",
    "Catalogue",
    "CreationsAgreed",
    "DecisionTaken",
    "DecisionWithdrawn",
    "EntitySynced",
    "Event",
    "FetchCompleted",
    "FetchFailed",
    "FetchRestarted",
    "FieldChange",
    "MatchDecided",
    "MatchesReaffirmed",
    "PageFetched",
    "PersonErased",
    "ProjectionsMended",
    "RecordChanged",
    "RecordObserved",
    "RecordVanished",
    "RunCompleted",
    "RunFailed",
    "RunInterrupted",
    "RunResumed",
    "RunRolledBack",
    "RunStarted",
    "StoredAnswer",
    "TutorialRecordLeft",
    "TutorialRecordUnmatched",
    "WriteAdopted",
    "WriteAnswered",
    "WriteDisputed",
    "WriteRequested",
    "WriteUnanswered",
    "record_name",
]
