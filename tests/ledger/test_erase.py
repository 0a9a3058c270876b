"""A person can be forgotten: their values are nowhere, and everything else stands."""

from __future__ import annotations

import json
import zlib
from uuid import uuid4

import psycopg
import pytest
from attrs import evolve
from sqlalchemy import text

from ledger.database.connection import Database, driver
from ledger.erasure.erase import erase, plan_erasure, sweep, unreadable_about
from ledger.errors import AdmsyncError, DatabaseError, UsageRefused
from ledger.events import BridgeRowEdited, FieldChange, ImportPlanned, PersonErased, WorkbookRead
from ledger.history.as_json import events_as_json
from ledger.replay.compare import replay
from ledger.replay.rebuild import state_at
from ledger.runs.run import new_run
from ledger.runs.states import run_states
from ledger.schema import adm
from ledger.store.blobs import blob_digest, stored
from ledger.store.ledger import Ledger
from ledger.store.read import Selection
from ledger.values import Fields, Personal
from ledger.verify.verify import verify_chain
from tests.databases import opened
from tests.ledger.appending_by_hand import append_one
from tests.ledger.record_events import (
    append_events,
    changed,
    linked,
    named,
    observed,
    page,
    tutorial_instructor,
    tutorial_venue,
    vanished,
)
from tests.program import admsync
from tests.roles import granted_role
from tests.terminal import at_terminal

ZEBEDEE = "adm.instructors/C1"


@pytest.fixture
def people(ledger: Ledger) -> Ledger:
    """A ledger that knows Zebedee Quillfeather and Ann Other, from one stored answer."""
    body = b'{"contacts": [{"name": "Zebedee Quillfeather"}, {"name": "Ann Other"}]}'
    fetch = page(body, "C1", "C2")
    with new_run(ledger, "sync instructors") as run:
        [fetched] = run.append(fetch, blobs=[body]).positions
        run.append(
            observed("adm.instructors", "C1", 1, **named("Zebedee", "Quillfeather")),
            observed("adm.instructors", "C2", 2, **named("Ann", "Other")),
            cause=fetched,
        )
    return ledger


def plan(ledger: Ledger, record: str = ZEBEDEE, reason: str = "asked to") -> PersonErased:
    with ledger.database.transaction() as connection:
        return plan_erasure(driver(connection), record, reason)


def forget(ledger: Ledger, record: str = ZEBEDEE) -> PersonErased:
    with new_run(ledger, "erase", {"record": record}) as run:
        _, erased = erase(run, record, "asked to")
    sweep(ledger.database)
    return erased


def places(database: Database, value: str) -> set[str]:
    """Every table of every schema, the system's own too, that a value is to be found in."""
    found = set()
    forms = (value.lower(), value.encode().hex())
    with database.transaction() as connection:
        tables = connection.execute(
            text(
                "SELECT format('%I.%I', nspname, relname) FROM pg_class"
                " JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'm', 'p')"
            )
        )
        for table in tables.scalars().all():
            for row in connection.execute(text(f"SELECT (t.*)::text FROM {table} AS t")).scalars():
                if any(form in row.lower() for form in forms):
                    found.add(table)
        for content in connection.execute(text("SELECT content FROM ledger.blobs")).scalars():
            if value.encode() in zlib.decompress(content):
                found.add("ledger.blobs")
    return found


def names_in_history(ledger: Ledger, record: str) -> list[object]:
    with ledger.database.transaction() as connection:
        events = events_as_json(driver(connection), Selection(subjects=[record]))
        return [
            event["payload"].get("evidence") or event["payload"].get("fields") for event in events
        ]


def test_an_erased_value_is_nowhere_in_the_database(people: Ledger) -> None:
    with people.database.session() as connection:
        connection.execute("ANALYZE")
    assert places(people.database, "Quillfeather") == {
        "ledger.personal",
        "ledger.blobs",
        "adm.instructors",
        "pg_catalog.pg_statistic",
    }
    forget(people)
    for value in ("Zebedee", "Quillfeather"):
        assert places(people.database, value) == set()


def test_after_an_erasure_the_chain_verifies_and_the_tables_equal_the_ledger(
    people: Ledger,
) -> None:
    forget(people)
    assert verify_chain(people.database).findings == ()
    assert replay(people.database).differences == ()


def test_history_still_tells_everything_but_who(people: Ledger) -> None:
    forget(people)
    with people.database.transaction() as connection:
        observed_, erased = events_as_json(driver(connection), Selection(subjects=[ZEBEDEE]))
    assert observed_["type"] == "RecordObserved"
    assert observed_["payload"]["fields"] == {
        "external_id": "C1",
        "first_name": None,
        "last_name": None,
    }
    assert erased["type"] == "PersonErased"
    assert erased["payload"]["reason"] == "asked to"


def test_the_past_no_longer_knows_the_name_either(people: Ledger) -> None:
    forget(people)
    first, second = state_at(people.database, adm.INSTRUCTORS, 4)
    assert (first["first_name"], first["last_name"]) == (None, None)
    assert (second["first_name"], second["last_name"]) == ("Ann", "Other")


def test_former_names_go_too_and_those_of_a_record_that_vanished(people: Ledger) -> None:
    before = Personal("Quillfeather")
    append_events(
        people, changed("adm.instructors", "C1", 1, last_name=(before, Personal("Marchbanks")))
    )
    append_events(people, vanished("adm.instructors", "C1", 1, **named("Zebedee", "Marchbanks")))
    forget(people)
    for value in ("Zebedee", "Quillfeather", "Marchbanks"):
        assert places(people.database, value) == set()
    assert verify_chain(people.database).ok


def test_other_people_keep_their_names_in_the_decisions_about_the_erased_one(
    people: Ledger,
) -> None:
    weighed: Fields = {
        "names": [Personal("Zebedee Quillfeather"), Personal("ann other")],
        "key": Personal("zebedee quillfeather"),
    }
    ann = ("adm.instructors/C2",)
    append_events(
        people, linked("adm.instructors", "C1", 1, None, candidates=ann, evidence=weighed)
    )
    append_events(
        people, linked("adm.instructors", "C2", 2, None, candidates=(ZEBEDEE,), evidence=weighed)
    )
    forget(people)
    for value in ("Zebedee", "Quillfeather"):
        assert places(people.database, value) == set()
    left = {"names": [None, "ann other"], "key": None}
    assert names_in_history(people, ZEBEDEE)[1:3] == [left, left]
    assert names_in_history(people, "adm.instructors/C2")[0] == {
        "external_id": "C2",
        "first_name": "Ann",
        "last_name": "Other",
    }


def test_a_name_that_another_writer_gave_goes_from_the_decisions_about_others(
    people: Ledger,
) -> None:
    renamed = FieldChange(before=Personal("Quillfeather"), after=Personal("Marmaduke"))
    edit = BridgeRowEdited(
        table="adm.instructors", key="C1", row_id=1, changes={"last_name": renamed}
    )
    evidence = {"weighed": Personal("Zebedee Marmaduke")}
    about_ann = linked("adm.instructors", "C2", 2, None, candidates=(ZEBEDEE,), evidence=evidence)
    append_events(people, edit, about_ann)
    forget(people)
    assert places(people.database, "Marmaduke") == set()


def test_what_the_tutorial_side_called_the_person_goes_from_the_decisions(people: Ledger) -> None:
    tutorial = tutorial_instructor(people.database, "Zebulon", "Quill")
    weighed = {"tutorial": Personal("Zebulon Quill"), "formerly": Personal("Zebulon Thistle")}
    append_events(people, linked("adm.instructors", "C1", 1, tutorial, evidence=weighed))
    forget(people, tutorial)
    # The web application's own tables are not the ledger's to clear.
    for value in ("Zebedee", "Quillfeather", "Zebulon", "Thistle"):
        assert places(people.database, value) <= {"public.auth_user"}
    assert replay(people.database).ok


def test_a_person_once_taken_for_the_erased_one_keeps_their_name(people: Ledger) -> None:
    tutorial = tutorial_instructor(people.database, "Ann", "Other")
    evidence = {"name": Personal("Ann Other")}
    append_events(people, linked("adm.instructors", "C1", 1, tutorial))
    append_events(people, linked("adm.instructors", "C1", 1, None, before=tutorial))
    append_events(people, linked("adm.instructors", "C2", 2, tutorial, evidence=evidence))
    assert tutorial not in plan(people).linked
    forget(people)
    assert names_in_history(people, "adm.instructors/C2")[-1] == {"name": "Ann Other"}


def test_erasing_again_says_when_it_was_done(people: Ledger) -> None:
    forget(people)
    with pytest.raises(AdmsyncError, match=r"C1 was erased at position 7, on \d{4}-"):
        plan(people)


def test_an_erased_person_who_is_seen_again_is_stored_anew_and_can_be_erased_again(
    people: Ledger,
) -> None:
    forget(people)
    body = b'{"contacts": [{"name": "Zebedee Quillfeather"}, {"name": "Ann Other"}]}'
    gone = Personal(None, erased=True)
    append_events(
        people,
        page(body, "C1", "C2"),
        changed("adm.instructors", "C1", 1, first_name=(gone, Personal("Zebedee"))),
        blobs=[body],
        run_id=uuid4(),
    )
    assert "adm.instructors" in places(people.database, "Zebedee")
    assert verify_chain(people.database).findings == ()
    assert replay(people.database).differences == ()
    forget(people)
    assert places(people.database, "Zebedee") == set()
    assert verify_chain(people.database).findings == ()


def test_what_is_told_of_a_person_while_somebody_is_asked_goes_too(
    people: Ledger, database_url: str
) -> None:
    arguments = ("erase", "C1", "--reason", "asked to", "--json")
    with at_terminal(*arguments, url=database_url) as terminal:
        terminal.shows("Delete 2 values and 1 stored answer of adm.instructors/C1 for good?")
        body = b'{"contacts": [{"name": "Zebedee Marchbanks"}]}'
        renamed = (Personal("Quillfeather"), Personal("Marchbanks"))
        append_events(
            people,
            page(body, "C1"),
            changed("adm.instructors", "C1", 1, last_name=renamed),
            blobs=[body],
            run_id=uuid4(),
        )
        terminal.types("y")
        code, output = terminal.ends()
    assert code == 0
    assert "Marchbanks" not in output
    for value in ("Zebedee", "Quillfeather", "Marchbanks"):
        assert places(people.database, value) == set()
    assert verify_chain(people.database).findings == ()


def test_nobody_is_erased_while_a_run_works_on_people(people: Ledger, database_url: str) -> None:
    with new_run(people, "sync instructors", holds=("entity/instructors",)) as run:
        erasing = ("erase", "C1", "--reason", "asked to", "--yes")
        refused = admsync(*erasing, url=database_url)
    assert refused.returncode == 1
    assert f"run {run.run_id} works on entity/instructors" in refused.stderr
    assert admsync(*erasing, url=database_url).returncode == 0


def test_a_damaged_answer_is_erased_as_well(people: Ledger) -> None:
    with people.database.session() as connection:
        connection.execute("ALTER TABLE ledger.blobs DISABLE TRIGGER append_only")
        connection.execute("UPDATE ledger.blobs SET content = 'x'")
        connection.execute("ALTER TABLE ledger.blobs ENABLE ALWAYS TRIGGER append_only")
    forget(people)
    assert verify_chain(people.database).findings == ()


def test_only_people_can_be_erased(people: Ledger) -> None:
    tutorial = tutorial_venue(people.database, "Waterloo")
    with pytest.raises(UsageRefused, match="is not a person's record"):
        plan(people, tutorial)


def test_a_reason_that_names_the_person_is_refused(people: Ledger) -> None:
    with pytest.raises(UsageRefused, match="leave out QUILLFEATHER"):
        plan(people, reason="Letter from Mr QUILLFEATHER, 3 May")


def test_a_role_that_may_only_append_cannot_erase_and_is_told_who_may(
    people: Ledger, database_url: str
) -> None:
    with granted_role(people.database, database_url) as url, opened(url) as database:
        limited = Ledger(database, actor="limited")
        with (
            pytest.raises(DatabaseError, match="is for the ledger's owner"),
            new_run(limited, "erase", {"record": ZEBEDEE}) as run,
        ):
            erase(run, ZEBEDEE, "asked to")
        assert run_states(database)[0].state == "failed"
        with database.session() as connection:
            connection.execute("SET ledger.erasing = 'yes'")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("DELETE FROM ledger.personal")
    assert "ledger.personal" in places(people.database, "Quillfeather")
    assert verify_chain(people.database).ok


@pytest.mark.parametrize(
    ("value", "goes"),
    [
        ("Zebedee Quillfeather", True),
        ("asked QUILLFEATHER, Zebedee", True),
        ("Quillfeather House, and a Zebedee", False),
        ("Ann Other", False),
    ],
)
def test_an_answer_of_another_kind_goes_where_a_text_of_it_names_the_person(
    people: Ledger, value: str, *, goes: bool
) -> None:
    body = json.dumps({"events": [{"id": "E1", "customFieldValues": [{"value": value}]}]}).encode()
    page_of_events = evolve(page(body, "E1"), entity="events")
    with new_run(people, "sync events") as run:
        run.append(page_of_events, blobs=[body])
    forget(people)
    with people.database.transaction() as connection:
        there = stored(driver(connection), [blob_digest(body)])
    assert (not there) is goes


def test_a_name_is_found_in_an_answer_that_escapes_it(people: Ledger) -> None:
    with new_run(people, "sync instructors") as run:
        run.append(observed("adm.instructors", "C3", 3, **named("Zoë", "Grünwald")))
        body = json.dumps({"value": "Zoë Grünwald"}).encode()
        assert b"\\u" in body
        run.append(evolve(page(body, "E1"), entity="events"), blobs=[body])
    assert blob_digest(body).hex() in plan(people, "adm.instructors/C3").blobs


def test_a_workbook_whose_rows_were_never_recorded_goes_too(people: Ledger) -> None:
    lost, planned = b"lost: Zebedee Quillfeather", b"planned: Ann Other"
    for content in (lost, planned):
        read = WorkbookRead(digest=blob_digest(content).hex(), name="x", sheet="x", rows=1)
        with new_run(people, "import-events", given=[read], blobs=[content]) as run:
            if content is planned:
                [_, position] = [one.position for one in people.read(Selection(run_id=run.run_id))]
                run.append(
                    ImportPlanned(events=0, accepted=0, refused=0, skipped=0), cause=position
                )
    forget(people)
    with people.database.transaction() as connection:
        digests = [blob_digest(content) for content in (lost, planned)]
        assert stored(driver(connection), digests) == {digests[1]}
    assert verify_chain(people.database).ok


DEEP = "[" * 1500 + "]" * 1500
UNREADABLE = {
    "later version": ("RecordObserved", 9, '{"answer": "%s", "name": {"$personal": "%s"}}'),
    "unknown type": ("ContactMerged", 1, '{"answers": [["%s"]], "into": {"$personal":"%s"}}'),
    "other shape": ("PageFetched", 1, '{"answers": {"digest": "%s"}, "ids": {"$personal":"%s"}}'),
    "too deep": ("RecordObserved", 1, '{"a": "%s", "b": {"$personal":"%s"}, "c": ' + DEEP + "}"),
    "no digest": ("WorkbookRead", 1, '{"digest":["../x","%s"],"rows":{"$personal":"%s"}}'),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_event_that_cannot_be_read_keeps_nothing_of_a_person(people: Ledger, name: str) -> None:
    kind, version, payload = UNREADABLE[name]
    answer, value = b'{"was": "Zebedee Thistle"}', Personal("Thistle")
    append_events(people, page(b"other", "C2"), blobs=[b"other", answer], run_id=uuid4())
    append_events(people, linked("adm.instructors", "C2", 2, None, evidence={"of": value}))
    with people.database.session() as connection:
        [(digest,)] = connection.execute(
            "SELECT encode(digest, 'hex') FROM ledger.personal WHERE value = 'Thistle'"
        ).fetchall()
    append_one(people, kind, version, payload % (blob_digest(answer).hex(), digest), ZEBEDEE)
    erased = forget(people)
    with people.database.transaction() as connection:
        assert unreadable_about(driver(connection), erased) == [8]
        assert stored(driver(connection), [blob_digest(b"other")])
    for name_ in ("Zebedee", "Quillfeather", "Thistle"):
        assert places(people.database, name_) == set()
    assert verify_chain(people.database).findings == ()


def test_a_page_of_a_later_version_that_lists_the_person_goes_too(people: Ledger) -> None:
    answer = b'{"was": "Zebedee Thistle"}'
    append_events(people, page(b"other", "C2"), blobs=[b"other", answer], run_id=uuid4())
    payload = f'{{"ids":["C1"],"body":"{blob_digest(answer).hex()}"}}'
    append_one(people, "BatchFetched", 1, payload, "run/x")
    forget(people)
    assert places(people.database, "Thistle") == set()
    assert verify_chain(people.database).findings == ()


def test_the_command_tells_of_events_that_it_cannot_read(people: Ledger, database_url: str) -> None:
    append_one(people, "RecordObserved", 9, "{}", ZEBEDEE)
    done = admsync("erase", "C1", "--reason", "asked to", "--yes", url=database_url)
    assert done.returncode == 0
    assert "⚠ 1 event about them cannot be read, at 6:" in done.stdout
    assert "unexpected" not in done.stderr
