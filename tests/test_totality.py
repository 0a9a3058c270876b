"""Whatever is keyed by a thing declared once has an entry for each: event classes, reasons,
entities. A new one is not forgotten where it is told, projected, or offered."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import attrs
import pytest
from attrs import fields

from importer.cli.resume import resumers
from ledger import events
from ledger.canonical import parse
from ledger.events import CATALOGUE, Event
from ledger.events.base import BLOB, OWN, PERSONAL
from ledger.events.catalogue import declared_in
from ledger.events.recorded import Recorded
from ledger.history.as_json import legible
from ledger.history.descriptions import DESCRIBERS, describe, named_in, source
from ledger.history.reasons import REASONS, sentence_of
from ledger.migrations.privileges import grants
from ledger.output.words import COUNTS, counts_in_words
from ledger.projections import PROJECTORS
from ledger.runs.kinds import CHANGE, IMPORT, KINDS, ROLLBACK, SETTLEMENT, SYNC, RunKind, kind_of
from ledger.schema import acted, adm, ledger
from ledger.schema.adm import linked_table
from sync.administrate import operations
from sync.administrate.writes import inputs
from sync.administrate.writes.changes import CHANGES
from sync.administrate.writes.declaration import Creation, Update
from sync.cli.sync import NAMES
from sync.entities import BY_NAME, ENTITIES
from sync.events.step import Compared
from sync.matching.outcomes import Cause
from sync.missing.create import CREATIONS
from sync.run_progress import PROGRESS
from tests.ledger.corpus import RecordedPayload, recorded_payloads
from tests.ledger.corpus.meanings import MEANINGS
from tests.sync.administrate.declared import OPERATIONS

CLASSES = set(CATALOGUE.classes.values())
# Of these no row follows: they are read where they are asked for.
UNPROJECTED = {
    "ChangePlanned",
    "CreationsAgreed",
    "DecisionTaken",
    "DecisionWithdrawn",
    "EntitySynced",
    "EventLeftOut",
    "EventPlanned",
    "EventOfRunRolledBack",
    "FetchCompleted",
    "FetchFailed",
    "FetchRestarted",
    "ImportPlanned",
    "PageFetched",
    "ProjectionsMended",
    "RowAccepted",
    "RowRefused",
    "RowSkipped",
    "TutorialSessionFound",
    "TutorialShapeObserved",
    "WorkbookRead",
}
# Values of the program's own, which name nobody.
IMPERSONAL = {
    ("DecisionTaken", "meaning"),
    ("EntitySynced", "counts"),
    ("EventPlanned", "keys"),
    ("ProjectionsMended", "rows"),
    ("RunCompleted", "counts"),
    ("RunStarted", "options"),
}

_VALUES = r"Fields|Value|FieldChange|CellRefused|Pair|Disparity|Mapping\[str, "


def test_every_module_that_declares_events_is_a_family() -> None:
    package = events.__name__
    modules = [import_module(f"{package}.{one.name}") for one in iter_modules(events.__path__)]
    assert set(declared_in(*modules)) == CLASSES
    assert all(getattr(events, name) is kind for name, kind in CATALOGUE.classes.items())


def test_no_event_that_was_ever_written_is_lost_or_renamed() -> None:
    assert {line.type for line in recorded_payloads()} == set(CATALOGUE.classes)
    assert {type(meaning) for meaning in MEANINGS} == CLASSES


def test_the_fields_that_refer_to_stored_answers_and_workbooks_are_declared() -> None:
    digests = {line.type for line in recorded_payloads() if '"digest":"' in line.payload}
    assert digests == set(CATALOGUE.holding(BLOB))


def test_a_field_is_declared_to_name_people_or_said_to_name_nobody() -> None:
    declared = {
        (name, one)
        for content in (PERSONAL, OWN)
        for name, names in CATALOGUE.holding(content).items()
        for one in names
    }
    free = {
        (name, one.name)
        for name, kind in CATALOGUE.classes.items()
        for one in fields(kind)
        if re.search(_VALUES, str(one.type))
    }
    assert declared <= free
    assert free - declared == IMPERSONAL
    for line in recorded_payloads():
        payload = parse(line.payload)
        named = {name for name, value in payload.items() if "$personal" in json.dumps(value)}
        assert {(line.type, name) for name in named} <= declared


def test_every_event_is_told() -> None:
    assert set(DESCRIBERS) == CLASSES


@pytest.mark.parametrize("event", MEANINGS, ids=lambda event: type(event).__name__)
def test_any_event_is_told_in_words_and_as_the_source_of_another(event: Event) -> None:
    told = describe(event, str)
    assert told.sentence.strip()
    assert all(isinstance(line, str) for line in told.changes)
    cause = Recorded(7, datetime(2026, 1, 1, tzinfo=UTC), "tests", None, None, event)
    assert source(cause, str).endswith("(position 7)")
    assert all("/" in record for record in named_in(event))


@pytest.mark.parametrize("line", recorded_payloads(), ids=lambda line: line.type)
def test_any_event_is_given_as_json(line: RecordedPayload) -> None:
    payload = parse(line.payload)
    told = json.loads(json.dumps(legible(payload, line.personal)))
    assert set(told) == set(payload)


def test_an_event_is_projected_or_said_not_to_be() -> None:
    projected = {kind for projector in PROJECTORS for kind in projector.handles}
    assert projected <= CLASSES
    assert {kind.__name__ for kind in CLASSES - projected} == UNPROJECTED


def test_every_reason_that_a_match_is_decided_for_has_its_sentence() -> None:
    assert {cause.value for cause in Cause} <= set(REASONS)
    # Given by a bridge row's going, not by the matching.
    assert set(REASONS) - {cause.value for cause in Cause} == {"gone"}
    assert all(sentence_of(reason) != reason for reason in REASONS)


def test_the_entities_are_those_that_the_command_line_offers() -> None:
    assert [entity.name for entity in ENTITIES] == list(NAMES)


def test_every_entity_has_its_own_bridge_table_and_comes_after_what_it_needs() -> None:
    tables = [entity.table for entity in ENTITIES]
    assert len(set(tables)) == len(tables)
    assert {table.fullname for table in tables} == set(adm.BY_NAME)
    names = [entity.name for entity in ENTITIES]
    for number, entity in enumerate(ENTITIES):
        assert set(entity.needs) <= set(names[:number])
        linked = None if entity.tutorial is None else entity.tutorial.table
        assert linked == linked_table(entity.table.fullname)


def test_what_can_be_created_are_entities_with_a_tutorial_side() -> None:
    for name, creation in CREATIONS.items():
        assert BY_NAME[name] is creation.entity
        assert creation.entity.tutorial is not None


def test_every_document_for_administrate_is_declared_once() -> None:
    documents = Path(str(operations.__file__)).parent
    names = sorted(file.stem for file in documents.glob("*.graphql"))
    assert sorted(operation.name for operation in OPERATIONS) == names
    fragments = {file.stem for file in (documents / "fragments").glob("*.graphql")}
    texts = "".join(operation.text for operation in OPERATIONS)
    assert fragments == set(re.findall(r"^fragment (\w+) on", texts, re.MULTILINE))


def test_every_input_is_that_of_a_change() -> None:
    given = [change.input for change in CHANGES.values() if isinstance(change, Creation | Update)]
    nested = {inputs.NewPersonalName}
    assert {one for one in vars(inputs).values() if attrs.has(one)} == {*given, *nested}
    assert len(set(given)) == len(given)


def test_every_kind_of_run_that_can_be_resumed_goes_on_and_tells_how_far_it_is() -> None:
    resumable = {kind for kind in KINDS if kind.resumable}
    assert set(resumers(ask=False, as_json=False)) == resumable == set(PROGRESS)


def test_every_count_of_a_kind_of_run_has_its_words() -> None:
    counted_by = {
        SYNC: {
            *("created", "updated", "unchanged", "deleted", "skipped", "errors", "links removed"),
            *Compared().counts,
        },
        IMPORT: {"events", "sessions", "unfinished", "skipped rows"},
        CHANGE: {"events", "unfinished"},
        ROLLBACK: {"rows undone", "fields set back", "kept", "impossible"},
    }
    assert set(counted_by) == {kind for kind in KINDS if kind.resumable}
    assert set().union(*counted_by.values()) == set(COUNTS)
    assert (
        counts_in_words({"impossible": 2, "rows undone": 1}) == "1 row rolled back, 2 irreversible"
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_run_is_known_by_its_command(kind: RunKind) -> None:
    assert kind_of(kind.name) is kind
    assert kind_of(kind.command("all")) is kind
    # One whose command takes itself back names no other way.
    assert kind.kept or kind.resumable or kind is SETTLEMENT
    assert bool(kind.work) is not kind.resumable


@pytest.mark.parametrize("package", ["ledger", "sync", "importer"])
def test_the_command_of_a_run_is_that_of_its_kind(package: str) -> None:
    root = Path(str(import_module(package).__file__)).parent
    named = re.compile(r'(new_run\(\s*\w+,\s*|RunStarted\(command=)f?"')
    assert [file for file in root.rglob("*.py") if named.search(file.read_text())] == []


def test_what_is_projected_is_granted() -> None:
    written = {"INSERT", "UPDATE", "DELETE"}
    granted = {(one.privilege, one.name) for one in grants()}
    for table in (*ledger.TABLES, *acted.MADE):
        assert {(privilege, table.fullname) for privilege in written} <= granted
    assert {(privilege, adm.SCHEMA) for privilege in written} <= granted
    assert sum(one.kind == "FUNCTION" for one in grants()) == 1
    assert len(list(grants())) == 3 + 3 + 1 + 1 + 2 + 21 + 3 + 9 + 2
