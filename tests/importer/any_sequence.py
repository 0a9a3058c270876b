"""A machine for hypothesis: events edited on either side, synced, pushed, decided about and rolled
back, in any order. Every field is in step or listed with what was agreed on, and no edit is lost.

By default a few short sequences are drawn; ADMSYNC_SEQUENCES=N draws so many long ones.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from importer.dual_write.update import planned_updates
from ledger.errors import StoppedResumably, UsageRefused
from ledger.events import (
    ChangePlanned,
    FieldsAgreed,
    FieldsDiffer,
    TutorialRecordChanged,
    TutorialRecordRemoved,
)
from ledger.events.recorded import Recorded
from ledger.replay.compare import replay
from ledger.replay.ledger_rows import tutorial_ledger_rows
from ledger.rollback.execute import PlanOutdated
from ledger.runs.kinds import CHANGE, IMPORT, SETTLEMENT, SYNC
from ledger.runs.states import RunState, find_run, run_states, run_to_resume
from ledger.schema import adm
from ledger.store.append import head
from ledger.store.read import Selection
from ledger.store.tutorial_shape import present_tables
from ledger.tables.shapes.shape import TUTORIAL_EVENTS, TUTORIAL_SESSIONS
from ledger.verify.verify import verify_chain
from sync.changes.chosen import Chosen, read_linked_events
from sync.changes.operations import cancel, publish, set_flag
from sync.changes.plan import ChangePlan
from sync.changes.push import plan_push
from sync.changes.reading import read_as_they_are
from sync.changes.run import new_change
from sync.events.edits import NOBODYS
from sync.events.settle import out_of_step, settle
from sync.rollback.run import new_rollback, resumed_rollback
from tests.importer.changing import Silent, gone_on_with
from tests.importer.company import (
    Company,
    a_workbook,
    an_own_event,
    an_own_lms_event,
    an_own_session,
)
from tests.importer.end_state import Companies
from tests.importer.imported_events import known, resumed, synced, write
from tests.importer.linked_fields import Fields, LinkedField, linked_fields
from tests.importer.rows import TypedRow, taught_on
from tests.ledger.known_rows import assert_known_rows
from tests.rollback.rolling_back import synced as synced_one

SEQUENCES = int(os.environ.get("ADMSYNC_SEQUENCES", "0"))
FAR = date(2099, 6, 30)
# What a sync appends whatever it finds.
ROUTINE = {
    *("RunStarted", "RunCompleted", "RunSetAside", "EntitySynced", "MatchesReaffirmed"),
    *("PageFetched", "FetchCompleted", "FetchRestarted"),
}

picks = st.integers(0, 9)
numbers = st.integers(1, 4)
# Another value of a field of Administrate's, told by a number; by kind of record.
_STATES = ("draft", "published", "cancelled")
Edit = Callable[["Sequences", int], dict[str, Any]]
EDITS: Mapping[str, Mapping[str, Edit]] = {
    "Event": {
        "title": lambda _, n: {"title": f"Renamed {n}"},
        "state": lambda _, n: {"lifecycleState": _STATES[n % 3]},
        "end": lambda _, n: {"lmsEnd": f"2099-07-0{n}T00:00:00"},
        "no end": lambda _, _n: {"lmsEnd": None},
        "start": lambda _, n: {"lmsStart": f"2025-09-0{n}T16:00:00"},
        "location": lambda company, n: {"locationId": company.place("Location", n)},
        "places": lambda _, n: {"maxPlaces": 10 + n},
        "sold out": lambda _, n: {"isSoldOut": bool(n % 2)},
        "zone": lambda _, n: {"timeZoneName": ("Europe/London", "America/New_York")[n % 2]},
        "booked": lambda _, n: {"bookedPlaces": n},
        "URL": lambda _, n: {"URL": f"https://example.com/{n}"},
        "Web sale": lambda _, n: {"Web sale": ("true", "false", None)[n % 3]},
        "Finalisation date": lambda _, n: {"Finalisation date": f"2025-10-0{n}"},
        "Sitting": lambda _, n: {"Sitting": f"20{25 + n}S"},
    },
    "Session": {
        "title": lambda _, n: {"title": f"Renamed {n}"},
        "too long": lambda _, n: {"title": f"{n}" * 300},
        "state": lambda _, n: {"lifecycleState": _STATES[n % 3]},
        "times": lambda _, n: {"start": f"2099-04-0{n}T10:00:00", "end": f"2099-04-0{n}T16:00:00"},
        "no times": lambda _, _n: {"start": None, "end": None},
        "location": lambda company, n: {"locationId": company.place("Location", n)},
        "venue": lambda company, n: {"venueId": company.place("Venue", n)},
        "URL": lambda _, n: {"URL": f"https://example.com/s{n}"},
    },
}
# What February's web application changes of a tutorial row, in SQL, told by a number.
WRITES: Mapping[str, Sequence[str]] = {
    "acted.tutorial_events": (
        "end_date = date '2099-07-01' + {n}",
        "end_date = date '2099-06-30'",
        "start_date = date '2025-09-01' + {n}",
        "is_soldout = not is_soldout",
        "finalisation_date = date '2025-10-01' + {n}",
        "finalisation_date = NULL",
        "location_id = {n}",
        "venue_id = {n}",
        "remain_space = {n}",
        "updated_at = now()",
        "code = code || '{n}'",
    ),
    "acted.tutorial_sessions": (
        "title = 'Edited {n}'",
        "title = 'Renamed {n}'",
        "start_date = timestamptz '2099-04-01 10:00 Europe/London' + interval '{n} days'",
        "end_date = timestamptz '2099-04-01 16:00 Europe/London' + interval '{n} days'",
        "location_id = {n}",
        "venue_id = {n}",
        "url = 'https://example.com/s{n}'",
        "url = NULL",
    ),
}
FAULTS = (
    *("reset-unanswered:*:{n}", "500-after:*:{n}", "truncated:*:{n}"),
    *("reset-before:*:{n}-99", "500-after:session.update:{n}-99"),
)
OPERATIONS = ("publish", "cancel", "sold out", "web sale")


def rows_to_import() -> list[TypedRow]:
    """Two events of two days each, and one without a classroom; none is over."""
    days = [taught_on(date(2099, 3, day)) for day in (2, 9, 16, 23)]
    return [
        an_own_event("A", lms_end_date=FAR, event_url="https://example.com/a", **days[0]),
        an_own_session("A", 2, session_url="https://example.com/a2", **days[1]),
        an_own_event("B", lms_end_date=FAR, **days[2]),
        an_own_session("B", 2, session_instructor="Delphine Kirkbride", **days[3]),
        an_own_lms_event("C", lms_end_date=FAR),
    ]


class Sequences(RuleBasedStateMachine):
    """The company after an import and a sync, and whatever is done to it then."""

    # What the web application changes of a tutorial row, in SQL, told by a number.
    writes: Mapping[str, Sequence[str]] = WRITES
    # Columns that a session of its needs, and their values.
    needed: Mapping[str, str] = {}

    def __init__(self, companies: Companies) -> None:
        super().__init__()
        self.held = ExitStack()
        self.company: Company
        self.company, self.url = self.held.enter_context(companies.fresh())
        self.folder = Path(self.held.enter_context(tempfile.TemporaryDirectory()))
        self.imports = 0
        self.others: set[str] = set()
        self.runs: set[UUID] = set()

    @initialize()
    def begin(self) -> None:
        self.others = {one["id"] for one in self.company.control.dump("Event")}
        synced(self.company, every=True)  # with the events of years ago
        self.runs = {one.run_id for one in run_states(self.company.database)}
        self.company.imported(a_workbook(self.folder, *rows_to_import()))
        self.sync_all(every=True)

    def teardown(self) -> None:
        try:
            self.prove()
        finally:
            self.held.close()

    def prove(self) -> None:
        """The tables equal the ledger, and its chain is whole; what is kept of its rows follows
        from all of its events."""
        assert_known_rows(self.company.database)
        found = replay(self.company.database)
        assert found.ok, found.differences
        assert verify_chain(self.company.database).ok

    # What there is to work on

    def place(self, kind: str, number: int) -> str | None:
        """A linked place, or none at all."""
        table = adm.BY_NAME[f"adm.{kind.lower()}s"]
        link = f"tutorial_{kind.lower()}_id"
        keys = [key for key, row in self.company.rows(table, "external_id", link) if row]
        return None if number == 4 else keys[number % len(keys)]

    def there(self, kind: str, pick: int) -> str | None:
        """A record of an imported event in Administrate."""
        found = [
            one["id"]
            for one in self.company.control.dump(kind)
            if one.get("parentEventId", one["id"]) not in self.others
        ]
        return found[pick % len(found)] if found else None

    def rows(self, table: str) -> list[int]:
        """The tutorial rows of linked events."""
        with self.company.database.driver_transaction() as connection:
            ledger = tutorial_ledger_rows(connection, present_tables(connection))
            found = connection.execute(f"SELECT id FROM {table}").fetchall()
        return sorted({row_id for (row_id,) in found} & ledger[table].keys())

    # Edits

    @rule(pick=picks, n=numbers, name=st.sampled_from(sorted(EDITS["Event"])))
    def administrate_edits_an_event(self, pick: int, n: int, name: str) -> None:
        self._edit("Event", pick, n, name)

    @rule(pick=picks, n=numbers, name=st.sampled_from(sorted(EDITS["Session"])))
    def administrate_edits_a_session(self, pick: int, n: int, name: str) -> None:
        self._edit("Session", pick, n, name)

    def _edit(self, kind: str, pick: int, n: int, name: str) -> None:
        key = self.there(kind, pick)
        if key is None:
            return
        values = EDITS[kind][name](self, n)
        record = next(one for one in self.company.control.dump(kind) if one["id"] == key)
        if values.keys() & record.keys():
            self.company.control.edit(key, **values)
            return
        labels = {
            one["label"]: one["key"]
            for one in self.company.control.dump("StandardCustomFieldDefinition")
            if kind in one["entityTypes"]
        }
        custom = {labels[label]: value for label, value in values.items()}
        self.company.control.edit(key, customFields={**record.get("customFields", {}), **custom})

    @rule(pick=picks, n=numbers)
    def administrate_staffs_a_session(self, pick: int, n: int) -> None:
        session = self.there("Session", pick)
        staff = [
            one
            for one in self.company.control.dump("Staff")
            if one["bookingId"] == session and one["staffType"] == "instructor"
        ]
        if not staff:
            return
        if n == 4:
            self.company.control.remove(staff[0]["id"])
            return
        first, last = (
            ("Gareth", "Fairweather"),
            ("Delphine", "Kirkbride"),
            ("Callum", "Jessop"),
        )[n - 1]
        contact = known(self.company, "Contact", firstName=first, lastName=last)
        self.company.control.edit(staff[0]["id"], contactId=contact)

    @rule(pick=picks, n=numbers, table=st.sampled_from(sorted(WRITES)), what=st.integers(0, 10))
    def the_web_application_edits(self, pick: int, n: int, table: str, what: int) -> None:
        rows = self.rows(table)
        if rows:
            change = self.writes[table][what % len(self.writes[table])].format(n=n)
            write(
                self.company,
                f"UPDATE {table} SET {change} WHERE id = :id",
                id=rows[pick % len(rows)],
            )

    @rule(pick=picks, n=numbers)
    def the_web_application_staffs_a_session(self, pick: int, n: int) -> None:
        rows = self.rows("acted.tutorial_sessions")
        if rows:
            session = rows[pick % len(rows)]
            write(
                self.company,
                "DELETE FROM acted.tutorial_session_instructors WHERE tutorialsessions_id = :id",
                id=session,
            )
            if n < 4:
                write(
                    self.company,
                    "INSERT INTO acted.tutorial_session_instructors"
                    " (tutorialsessions_id, tutorialinstructor_id) VALUES (:id, :tutor)",
                    id=session,
                    tutor=n,
                )

    @rule(pick=picks, kind=st.sampled_from(["Session", "Session", "Event"]), sure=picks)
    def administrate_deletes(self, pick: int, kind: str, sure: int) -> None:
        key = self.there(kind, pick)
        if key is None or sure > 3:
            return
        of_it = [
            one["id"] for one in self.company.control.dump("Session") if one["parentEventId"] == key
        ]
        self.company.control.remove(key, *of_it)

    @rule(pick=picks, table=st.sampled_from(sorted(WRITES)), sure=picks)
    def the_web_application_deletes(self, pick: int, table: str, sure: int) -> None:
        rows = self.rows(table)
        if not rows or sure > 2:
            return
        row_id = rows[pick % len(rows)]
        sessions = (
            "SELECT id FROM acted.tutorial_sessions WHERE tutorial_event_id = :id"
            if table == "acted.tutorial_events"
            else "SELECT :id"
        )
        write(
            self.company,
            "DELETE FROM acted.tutorial_session_instructors"
            f" WHERE tutorialsessions_id IN ({sessions})",
            id=row_id,
        )
        for one in ("acted.tutorial_sessions", table):
            where = f"id IN ({sessions})" if one == "acted.tutorial_sessions" else "id = :id"
            write(self.company, f"DELETE FROM {one} WHERE {where}", id=row_id)

    @rule(pick=picks)
    def administrate_adds_a_session(self, pick: int) -> None:
        key = self.there("Session", pick)
        if key is not None:
            one = next(one for one in self.company.control.dump("Session") if one["id"] == key)
            made = ("__typename", "id", "legacyId", "customFields")
            values = {name: value for name, value in one.items() if name not in made}
            self.company.control.insert("Session", **values, customFields={})

    @rule(pick=picks)
    def the_web_application_adds_a_session(self, pick: int) -> None:
        rows = self.rows("acted.tutorial_events")
        if rows:
            more, values = (
                "".join(f", {one}" for one in part)
                for part in (self.needed.keys(), self.needed.values())
            )
            write(
                self.company,
                "INSERT INTO acted.tutorial_sessions (tutorial_event_id, title, location_id,"
                f" venue_id, start_date, end_date, sequence, created_at, updated_at{more})"
                " SELECT :id, 'Added', 1, 1, '2099-05-01 10:00Z', '2099-05-01 12:00Z',"
                f" max(sequence) + 1, now(), now(){values}"
                " FROM acted.tutorial_sessions WHERE tutorial_event_id = :id HAVING count(*) < 5"
                " AND count(*) > 0",
                id=rows[pick % len(rows)],
            )

    # What the program does

    @rule(every=st.booleans())
    def sync_all(self, every: bool) -> None:
        """Both entities: all fields end as they are to, and a second sync finds nothing."""
        self.company.control.clear_faults()
        expected = {key: one.expected() for key, one in linked_fields(self.company).items()}
        before = linked_fields(self.company)
        with self.losing_nothing():
            synced(self.company, every=every)
        after = linked_fields(self.company)
        for key in expected.keys() & after.keys():
            if before[key].tutorial != after[key].tutorial:
                continue  # of another link
            pair, kind = expected[key]
            listed = after[key].base.listed.get(key[1])
            where = _told(key, before[key], after[key])
            assert after[key].now == pair, where
            assert (None if listed is None else listed.kind) == kind, where
            if listed is not None:
                assert listed.base == after[key].agreed, where
                assert listed.administrate == pair.administrate, where
                assert listed.tutorial == pair.tutorial, where
        self.in_step_or_listed(after)
        for again in (every, True):
            self.nothing_new(again)

    def in_step_or_listed(self, fields: Fields) -> None:
        for key, one in fields.items():
            listed = one.base.listed.get(key[1])
            assert listed is not None or one.agreed == one.now, _told(key, one, one)

    def nothing_new(self, every: bool) -> None:
        position = self.position()
        synced(self.company, every=every)
        new = {type(one.event).__name__: one.event for one in self.since(position)}
        assert not new.keys() - ROUTINE, {name: new[name] for name in new.keys() - ROUTINE}

    @rule(entity=st.sampled_from(["events", "sessions"]))
    def sync_one(self, entity: str) -> None:
        with self.losing_nothing():
            synced_one(self.company, entity)

    @rule(entity=st.sampled_from(["events", "sessions"]))
    def push(self, entity: str) -> None:
        table = f"adm.{entity}"
        with self.losing_nothing(), self.company.administrate() as client:
            plan = plan_push(self.company.database, client, table)
            self.change(client, ["push", entity], plan)

    def change(self, client: Any, words: list[str], plan: ChangePlan) -> None:
        if plan.changes:
            with new_change(self.company.ledger, client, words, {}, plan, Silent()) as run:
                run.make_all()

    @rule(
        pick=picks, word=st.sampled_from(["publish", "cancel", "sold out", "web sale"]), n=numbers
    )
    def operate(self, pick: int, word: str, n: int) -> None:
        events = read_linked_events(self.company.database, Chosen())
        if not events:
            return
        chosen = [events[pick % len(events)]]
        with self.losing_nothing(), self.company.administrate() as client:
            there = read_as_they_are(self.company.database, client, chosen)
            if word == "publish":
                plan = publish(there, datetime.now(UTC))
            elif word == "cancel":
                plan = cancel(there, with_bookings=True)
            else:
                plan = set_flag(there, word.replace(" ", "_"), word, on=bool(n % 2))
            self.change(client, [word.replace(" ", "-")], plan)

    @rule(pick=picks, side=st.sampled_from(["administrate", "tutorial"]))
    def decide(self, pick: int, side: str) -> None:
        with self.company.database.driver_transaction() as connection:
            listed = connection.execute(
                "SELECT record, field FROM ledger.field_discrepancies ORDER BY 1, 2"
            ).fetchall()
            if not listed:
                return
            record, name = listed[pick % len(listed)]
            try:
                named = out_of_step(connection, record, name)
            except UsageRefused:
                return  # it is no longer linked
        with self.losing_nothing(), suppress(UsageRefused):
            settle(self.company.ledger, named, side, "agreed")

    @rule(n=numbers)
    def update(self, n: int) -> None:
        """The workbook edited, and carried out."""
        rows = rows_to_import()
        rows[0] |= {"max_places": 14 + n, "lms_end_date": date(2099, 6, 25 + n)}
        rows[1] |= {"session_url": f"https://example.com/new{n}", "classroom_end_time": f"13:{n}0"}
        path = a_workbook(self.folder, *rows, name=f"edited-{n}.xlsx")
        with self.losing_nothing(), self.company.administrate() as client:
            prepared = self.company.prepared(path)
            updates = planned_updates(self.company.database, client, prepared.plan)
            plan = ChangePlan([one.change for one in updates if one.change is not None], ())
            self.change(client, ["update"], plan)

    @precondition(lambda self: self.imports < 2)
    @rule()
    def import_another(self) -> None:
        self.imports += 1
        title = f"N{self.imports}"
        rows = [
            an_own_event(title, lms_end_date=FAR, **taught_on(date(2099, 2, 2))),
            an_own_session(title, 2, **taught_on(date(2099, 2, 9))),
        ]
        with self.losing_nothing():
            self.company.imported(a_workbook(self.folder, *rows, name=f"{title}.xlsx"))

    @rule(fault=st.sampled_from(FAULTS), n=st.integers(1, 6))
    def something_fails(self, fault: str, n: int) -> None:
        """The next calls meet with a fault."""
        self.company.control.set_faults(fault.format(n=n))

    @rule()
    def go_on(self) -> None:
        """What stopped goes on."""
        try:
            state = run_to_resume(self.company.database, None)
        except UsageRefused:
            return
        with self.losing_nothing():
            self.resume(state)

    def resume(self, state: RunState) -> None:
        if state.kind is SYNC:
            resumed(self.company)
        elif state.kind is IMPORT:
            self.company.resumed()
        elif state.kind is CHANGE:
            gone_on_with(self.company)
        else:
            target = find_run(self.company.database, str(state.options["run"]))
            with (
                self.company.administrate() as client,
                resumed_rollback(self.company.ledger, client, state, target) as under_way,
            ):
                under_way.carry_out()

    @rule(pick=picks)
    def roll_back(self, pick: int) -> None:
        """One of the last runs is rolled back, a decision among them."""
        kinds = (SYNC, SETTLEMENT, IMPORT, CHANGE)
        runs = [
            one
            for one in run_states(self.company.database)
            if one.kind in kinds and one.state != "undone" and one.run_id not in self.runs
        ]
        if not runs:
            return
        target = runs[min(pick, len(runs) - 1)]
        with self.losing_nothing(), self.company.administrate() as client:
            opening = new_rollback(self.company.ledger, client, target, "it was wrong")
            with opening as under_way:
                under_way.carry_out()

    # What is promised of all of it

    @contextmanager
    def losing_nothing(self) -> Iterator[None]:
        """What the program overwrites or deletes meanwhile is in the ledger, as it was; and what it
        calls agreed on both sides hold."""
        position, before = self.position(), self.tutorial_rows()
        there = linked_fields(self.company)
        try:
            with self.meanwhile():
                yield
        except (StoppedResumably, PlanOutdated):
            assert self.company.control.faults() or self.disturbed(), "nothing was to fail"
        finally:
            self.company.control.clear_faults()
        self.nothing_lost(before, self.tutorial_rows(), self.since(position))
        self.nothing_lost_there(there, linked_fields(self.company))

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """What others do while the program works."""
        yield

    def disturbed(self) -> bool:
        """Whether others did something meanwhile."""
        return False

    def others_wrote(self) -> Mapping[tuple[str, int, str], list[tuple[Any, Any]]]:
        """The values of tutorial rows that others overwrote meanwhile, and by what, in order."""
        return {}

    def others_edited(self) -> Collection[str]:
        """The records of Administrate that others edited meanwhile."""
        return ()

    def nothing_lost(
        self,
        before: Mapping[tuple[str, int], Mapping[str, Any]],
        after: Mapping[tuple[str, int], Mapping[str, Any]],
        events: list[Recorded],
    ) -> None:
        told: set[tuple[Any, ...]] = set()
        for recorded in events:
            match recorded.event:
                case TutorialRecordChanged() as event:
                    told |= {
                        (event.table, event.row_id, name, one.before)
                        for name, one in event.changes.items()
                    }
                case TutorialRecordRemoved() as event:
                    told |= {
                        (event.table, event.row_id, name, value)
                        for name, value in event.fields.items()
                    }
        others = self.others_wrote()
        for (table, row_id), row in before.items():
            now = after.get((table, row_id), {})
            for name, value in row.items():
                if name in NOBODYS:
                    continue
                # What the program found, each time, and what it left.
                wrote = others.get((table, row_id, name), [])
                found = [value, *(became for _, became in wrote)]
                left = [*(was for was, _ in wrote), now.get(name, _GONE)]
                for had, has in zip(found, left, strict=True):
                    where = (table, row_id, name, had, has, now)
                    assert had == has or (table, row_id, name, had) in told, where

    def nothing_lost_there(self, before: Fields, after: Fields) -> None:
        """What was overwritten in Administrate is in the ledger."""
        changed = {
            key
            for key in before.keys() & after.keys()
            if before[key].now.administrate != after[key].now.administrate
        }
        if not changed:
            return
        told: dict[tuple[str, str], list[Any]] = defaultdict(list)
        subjects = {record for record, _ in changed}
        for recorded in self.company.ledger.read(Selection(subjects=subjects)):
            match recorded.event:
                case ChangePlanned() as event:
                    values = [*event.wanted.items(), *event.administrate.items()]
                case FieldsAgreed(pairs=pairs) as event:
                    values = [(name, one.administrate) for name, one in pairs.items()]
                case FieldsDiffer(fields=fields) as event:
                    values = [(name, one.administrate) for name, one in fields.items()]
                case _:
                    continue
            for name, value in values:
                told[event.record(), name].append(value)
        for key in changed:
            # An event's venue is its sessions'.
            if key[1] != "venue" and key[0] not in self.others_edited():
                assert before[key].now.administrate in told[key], (key, before[key].now, told[key])

    def tutorial_rows(self) -> dict[tuple[str, int], dict[str, Any]]:
        """The tutorial rows, in the columns that the ledger records."""
        found = {}
        with self.company.database.driver_transaction() as connection:
            tables = present_tables(connection)
            for table in (TUTORIAL_EVENTS, TUTORIAL_SESSIONS):
                names = [one.name for one in tables.columns(table) if not one.personal]
                rows = connection.execute(f"SELECT id, {', '.join(names)} FROM {table}".encode())
                for row_id, *values in rows.fetchall():
                    found[table, row_id] = dict(zip(names, values, strict=True))
        return found

    def position(self) -> int:
        with self.company.database.driver_transaction() as connection:
            return head(connection)[0]

    def since(self, position: int) -> list[Recorded]:
        return list(self.company.ledger.read(Selection(after=position)))


_GONE = object()


def _told(key: tuple[str, str], before: LinkedField, after: LinkedField) -> str:
    lines = [str(key)]
    for what, one in (("before", before), ("after", after)):
        base, name = one.base, key[1]
        lines.append(f"{what}: {one.now}, {one.meant!r} here, agreed {one.agreed}")
        lines.append(f"  listed {base.listed.get(name)}, decided {base.decided.get(name)}")
        lines.append(f"  taken back {base.taken_back.get(name)}, ours {one.ours}")
    return "\n".join(lines)


def run_sequences(machine: Callable[[], Sequences]) -> None:
    """Draws sequences of what is done to a machine, each from its start."""
    profile = settings(
        max_examples=SEQUENCES or 3,
        stateful_step_count=25 if SEQUENCES else 12,
        derandomize=not SEQUENCES,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    run_state_machine_as_test(machine, settings=profile)  # type: ignore[arg-type]  # any factory
