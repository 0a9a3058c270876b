"""Tables of an older tool's that are otherwise than ours: taken over as they are, or named."""

from __future__ import annotations

import psycopg
import pytest

from tests.deployed import generate_ids_always, misplace
from tests.deployed.values import lost, values_of
from tests.ledger.adopting import adopted, migrated, refused, rows, run

# What a tool may have made otherwise: each is taken over with every value and type that it has.
KEPT = {
    "a view on a text": "CREATE VIEW public.titles AS SELECT title FROM adm.events",
    "a view on every column": "CREATE VIEW public.every AS SELECT * FROM adm.sessions",
    "a materialized view": "CREATE MATERIALIZED VIEW adm.places AS SELECT * FROM adm.locations",
    "smaller keys": "ALTER TABLE adm.pricelevels ALTER id TYPE smallint",
    "a default": "ALTER TABLE adm.events ALTER web_sale SET DEFAULT true",
    "a column of its own": "ALTER TABLE adm.venues ADD colour text NOT NULL DEFAULT 'red'",
    "a computed column": "ALTER TABLE adm.venues ADD twice text"
    " GENERATED ALWAYS AS (external_id || external_id) STORED",
    "a computed column of ours": "ALTER TABLE adm.venues ADD name text"
    " GENERATED ALWAYS AS ('room ' || id) STORED",
    "a domain": "CREATE DOMAIN adm.code AS varchar(50);"
    " ALTER TABLE adm.locations ALTER legacy_id TYPE adm.code",
    "finer amounts": "ALTER TABLE adm.course_template_price_levels"
    " ALTER amount TYPE numeric(12, 4)",
    "json": "ALTER TABLE adm.course_templates ALTER custom_fields TYPE json"
    """ USING ('{"b":  1.10, "a": ' || id || '}')::json""",
    "moments without a zone": "ALTER TABLE adm.events ALTER lms_start_date TYPE timestamp",
    "finalised at some time of a day": "UPDATE adm.events SET finalisation_date ="
    " finalisation_date + interval '13 hours'",
    "a final day that is a day": "ALTER TABLE adm.events ALTER finalisation_date TYPE date",
    "links that are unique": "ALTER TABLE adm.venues ADD UNIQUE (tutorial_venue_id)",
    "no ids in Administrate": "ALTER TABLE adm.venues ALTER external_id DROP NOT NULL;"
    " UPDATE adm.venues SET external_id = NULL WHERE id % 2 = 0",
    "a check that holds": "ALTER TABLE adm.events ADD CHECK (max_places >= 0)",
    "a trigger that stamps": """
        CREATE FUNCTION adm.stamp() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
        CREATE TRIGGER stamps BEFORE UPDATE ON adm.locations
            FOR EACH ROW EXECUTE FUNCTION adm.stamp()""",
    "a table that inherits": "CREATE TABLE public.older_venues () INHERITS (adm.venues)",
    "an enumeration and an array of its own": "CREATE TYPE adm.mood AS ENUM ('good');"
    " ALTER TABLE adm.locations ADD mood adm.mood DEFAULT 'good', ADD tags text[] DEFAULT '{a,b}'",
    "a key of another schema's": "CREATE SCHEMA other;"
    " CREATE TABLE other.notes (event_id bigint REFERENCES adm.events ON DELETE CASCADE);"
    " INSERT INTO other.notes SELECT id FROM adm.events",
    "keys that a sequence of another schema counts": "CREATE SEQUENCE public.counting START 500;"
    " ALTER TABLE adm.locations ALTER id DROP IDENTITY,"
    " ALTER id SET DEFAULT nextval('public.counting')",
    "keys that nothing counts": "ALTER TABLE adm.locations ALTER id DROP IDENTITY",
    "quoted names": """ALTER TABLE adm.locations ADD "Order By" text NOT NULL DEFAULT '%s'""",
}  # fmt: skip


@pytest.mark.parametrize("made", KEPT.values(), ids=KEPT)
def test_what_an_older_tool_made_otherwise_is_kept(url: str, made: str) -> None:
    run(url, made)
    with psycopg.connect(url) as connection:
        before = values_of(connection, "acted", "adm", "public", "other")
    migrated(url)
    with psycopg.connect(url) as connection:
        after = values_of(connection, "acted", "adm", "public", "other")
    words = {"learning_mode", "lifecycle_state"}
    assert [one for one in lost(before, after) if one[2] not in words] == []


# What cannot hold what the program writes is another type from then on, with the same values.
CHANGED = {
    "roles in an array": (
        (
            "ALTER TABLE adm.custom_fields ALTER roles TYPE varchar[]"
            " USING CASE id % 3 WHEN 0 THEN '{\"a b\",NULL}' WHEN 1 THEN '{}' END::varchar[],"
            " ALTER roles SET DEFAULT '{}'"
        ),
        "SELECT DISTINCT roles::text FROM adm.custom_fields ORDER BY 1",
        [("[\"a b\", null]",), ("[]",), (None,)],
    ),
    "legacy ids that are numbers": (
        "ALTER TABLE adm.locations ALTER legacy_id TYPE integer USING legacy_id::integer",
        "SELECT pg_typeof(legacy_id)::text, min(legacy_id) FROM adm.locations GROUP BY 1",
        [("text", "101")],
    ),
    "words that are an enumeration": (
        (
            "CREATE TYPE adm.mode AS ENUM ('blended', 'lms');"
            " ALTER TABLE adm.course_templates ALTER event_learning_mode TYPE adm.mode"
            " USING 'blended'::adm.mode"
        ),
        "SELECT DISTINCT event_learning_mode FROM adm.course_templates",
        [("blended",)],
    ),
    "texts of a fixed length": (
        "ALTER TABLE adm.pricelevels ALTER name TYPE char(40)",
        "SELECT max(name || '|') FROM adm.pricelevels",
        [("Standard|",)],
    ),
    "amounts that are floats": (
        "ALTER TABLE adm.course_template_price_levels ALTER amount TYPE double precision",
        (
            "SELECT pg_typeof(amount)::text, min(amount)::text"
            " FROM adm.course_template_price_levels GROUP BY 1"
        ),
        [("numeric", "110")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made", "query", "expected"), CHANGED.values(), ids=CHANGED)
def test_what_cannot_hold_our_values_changes_its_type_alone(
    url: str, made: str, query: str, expected: list[tuple[object, ...]]
) -> None:
    run(url, made)
    said = migrated(url)
    assert rows(url, query) == expected
    assert [line for line in said if " now, " in line]


# What stands in the way is named: table, column, and what to do.
REFUSED = {
    "a view on an array": (
        (
            "ALTER TABLE adm.custom_fields ALTER roles TYPE varchar[] USING '{a}'::varchar[];"
            " CREATE VIEW public.open_roles AS SELECT roles FROM adm.custom_fields"
        ),
        ["adm.custom_fields.roles", "view open_roles", "drop"],
    ),
    "two rows of one record": (
        (
            "ALTER TABLE adm.venues DROP CONSTRAINT venues_external_id_key;"
            " UPDATE adm.venues SET external_id = 'same' WHERE id IN (101, 102)"
        ),
        ["adm.venues", "(external_id)=(same)"],
    ),
    "amounts finer than a number keeps": (
        (
            "ALTER TABLE adm.course_template_price_levels ALTER amount TYPE double precision"
            " USING 1.0::double precision / 3"
        ),
        ["adm.course_template_price_levels.amount", "0.333"],
    ),
    "a check that forbids our words": (
        (
            "ALTER TABLE adm.events ADD CONSTRAINT loud"
            " CHECK (learning_mode = upper(learning_mode)) NOT VALID"
        ),
        ["events", "loud", "drop or widen"],
    ),
    "a view in the place of a table": (
        (
            "ALTER TABLE adm.sessions RENAME TO older;"
            " CREATE VIEW adm.sessions AS SELECT * FROM adm.older"
        ),
        ["adm.sessions is no table"],
    ),
    "a link to a row that is not there": (
        (
            "ALTER TABLE adm.venues DROP CONSTRAINT venues_tutorial_venue_id_fkey;"
            " UPDATE adm.venues SET tutorial_venue_id = 4711 WHERE id = 101"
        ),
        ["adm.venues.tutorial_venue_id", "4711"],
    ),
    "a time that is none": (
        "UPDATE adm.events SET lms_end_date = 'infinity' WHERE id = 105",
        ["adm.events", "105", "lms_end_date", "infinity"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made", "named"), REFUSED.values(), ids=REFUSED)
def test_what_stands_in_the_way_is_named_and_nothing_is_done(
    url: str, made: str, named: list[str]
) -> None:
    run(url, made)
    said = refused(url)
    assert [word for word in named if word not in said] == [], said


def test_keys_that_are_generated_always_stay_so(url: str) -> None:
    with psycopg.connect(url) as connection:
        generate_ids_always(connection, "acted", "adm")
    migrated(url)
    kinds = rows(
        url,
        "SELECT DISTINCT identity_generation FROM information_schema.columns"
        " WHERE table_schema IN ('acted', 'adm') AND column_name = 'id'",
    )
    assert kinds == [("ALWAYS",)]


@pytest.mark.parametrize(
    "tables",
    [("venues",), ("events", "sessions"), ("locations", "course_templates", "pricelevels")],
    ids=len,
)
def test_a_misplaced_table_is_moved_past_a_plain_one_of_its_name(
    url: str, tables: tuple[str, ...]
) -> None:
    plain = [f"CREATE TABLE public.{name} (theirs int); INSERT INTO {name} VALUES (1)"
             for name in tables]  # fmt: skip
    counted = [rows(url, f"SELECT count(*), max(id) FROM adm.{name}") for name in tables]
    with psycopg.connect(url) as connection:
        misplace(connection, *tables)
    run(url, *plain, 'CREATE TABLE public."adm.orders" (id int)')
    said = migrated(url)
    for name, before in zip(tables, counted, strict=True):
        assert rows(url, f"SELECT count(*), max(id) FROM adm.{name}") == before
        assert rows(url, f"SELECT theirs FROM public.{name}") == [(1,)]
        assert any(line.startswith(f'public."adm.{name}" is adm.{name} now') for line in said)
        # The sequence came along.
        assert rows(url, f"SELECT nextval(pg_get_serial_sequence('adm.{name}', 'id'))") > before
    assert rows(url, "SELECT to_regclass('public.\"adm.orders\"') IS NOT NULL") == [(True,)]


def test_a_table_that_is_in_both_places_is_left_and_named(url: str) -> None:
    run(url, 'CREATE TABLE public."adm.venues" (id int); INSERT INTO "adm.venues" VALUES (1)')
    said = migrated(url)
    assert 'public."adm.venues" is left beside adm.venues, unread.' in said
    assert rows(url, 'SELECT id FROM public."adm.venues"') == [(1,)]


def test_a_table_of_the_web_application_s_is_never_moved(url: str) -> None:
    run(
        url,
        'ALTER TABLE acted.tutorial_session_instructors RENAME TO "acted.tutorial_staff"',
        'CREATE TABLE public."acted.tutorial_session_instructors" (id int)',
    )
    migrated(url)
    found = rows(url, "SELECT to_regclass('public.\"acted.tutorial_session_instructors\"')::text")
    assert found == [('"acted.tutorial_session_instructors"',)]


@pytest.mark.parametrize(
    "table", ["adm.course_template_price_levels", "adm.sessions", "acted.tutorial_sessions"]
)
def test_a_table_is_made_beside_an_older_one_that_kept_the_names_of_its_keys(
    url: str, table: str
) -> None:
    run(url, f"ALTER TABLE {table} RENAME TO kept")
    migrated(url)
    schema = table.partition(".")[0]
    assert rows(url, f"SELECT count(*) FROM {table}") == [(0,)]
    assert rows(url, f"SELECT count(*) > 0 FROM {schema}.kept") == [(True,)]


def test_the_day_of_finalisation_is_the_same_in_london_and_in_the_ledger(url: str) -> None:
    migrated(url)
    finals = rows(
        url,
        "SELECT (finalisation_date AT TIME ZONE 'Europe/London')::date::text FROM adm.events"
        " WHERE finalisation_date IS NOT NULL ORDER BY 1",
    )
    assert finals == [(f"2026-06-{day:02}",) for day in range(1, 31)]


def test_sessions_are_linked_by_event_and_day_and_their_times_are_those_of_the_zone(
    url: str,
) -> None:
    migrated(url)
    unequal = rows(
        url,
        "SELECT s.id FROM adm.sessions s JOIN acted.tutorial_sessions t"
        " ON t.id = s.tutorial_session_id WHERE (s.starts_at, s.ends_at, s.title)"
        " IS DISTINCT FROM (t.start_date, t.end_date, t.title)",
    )
    assert unequal == []
    assert rows(url, "SELECT count(*) FROM adm.sessions WHERE starts_at IS NULL") == [(0,)]
    [one] = [event for event in adopted(url) if event.row_id == 112 and "day" in event.table + "day"
             and event.table == "adm.sessions"]  # fmt: skip
    assert str(one.linked).startswith("acted.tutorial_sessions/")
    assert {str(name) for name in one.found} == {
        "classroom_start_date", "classroom_start_time", "classroom_end_date", "classroom_end_time",
    }  # fmt: skip


# Local times of 12 sessions' starts in the hours when the clocks change, and what they mean.
CLOCKS = [
    # (zone, local, tutorial session's start, starts_at in UTC)
    ("Europe/London", "2026-03-29 00:59", None, "2026-03-29 00:59"),
    ("Europe/London", "2026-03-29 01:30", "2026-03-29 01:30+01", None),
    ("Europe/London", "2026-10-25 01:30", None, None),
    ("Europe/London", "2026-10-25 01:30", "2026-10-25 00:30+00", "2026-10-25 00:30"),
    ("Europe/London", "2026-10-25 01:30", "2026-10-25 01:30+00", "2026-10-25 01:30"),
    ("America/New_York", "2026-11-01 01:30", "2026-11-01 06:30+00", "2026-11-01 06:30"),
    ("Asia/Kolkata", "2026-03-29 01:30", None, "2026-03-28 20:00"),
    ("nowhere", "2026-07-01 12:00", None, "2026-07-01 11:00"),
]


def test_a_local_time_that_means_no_one_moment_is_not_guessed_but_told(url: str) -> None:
    for number, (zone, local, tutorial, _) in enumerate(CLOCKS):
        session = 112 + 2 * number
        day, clock = local.split()
        run(
            url,
            f"UPDATE adm.events SET timezone = '{zone}' WHERE id ="
            f" (SELECT event_id FROM adm.sessions WHERE id = {session})",
            f"UPDATE adm.sessions SET classroom_start_date = '{day}',"
            f" classroom_start_time = '{clock}' WHERE id = {session}",
            f"UPDATE acted.tutorial_sessions t SET start_date = '{tutorial or '2000-01-01'}'"
            " FROM adm.sessions s JOIN adm.events e ON e.id = s.event_id"
            f" WHERE s.id = {session} AND t.tutorial_event_id = e.tutorial_event_id"
            " AND t.sequence = s.day_number",
        )
    said = migrated(url)
    starts = rows(
        url,
        "SELECT to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM adm.sessions"
        f" WHERE id BETWEEN 112 AND {112 + 2 * len(CLOCKS) - 1} AND id % 2 = 0 ORDER BY id",
    )
    assert [start for (start,) in starts] == [utc for *_, utc in CLOCKS]
    untold = [line for line in said if "means no one moment" in line]
    assert len(untold) == 2
    assert untold[0].startswith("adm.sessions 114 has no starts_at: 01:30 on 2026-03-29")


def test_two_events_of_one_tutorial_event_claim_no_session_of_it(url: str) -> None:
    run(url, "UPDATE adm.events SET tutorial_event_id = 3 WHERE tutorial_event_id = 4")
    migrated(url)
    linked = rows(
        url,
        "SELECT count(*) FROM adm.sessions s JOIN adm.events e ON e.id = s.event_id"
        " WHERE e.tutorial_event_id = 3 AND s.tutorial_session_id IS NOT NULL",
    )
    assert linked == [(0,)]
