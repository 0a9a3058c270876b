"""Verify: whatever a forger changes, takes out, swaps or adds is found, and where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ledger.database.connection import driver
from ledger.runs.run import new_run
from ledger.store.append import head
from ledger.store.ledger import Ledger
from ledger.verify.references import blob_findings
from ledger.verify.verify import Verified, verify_chain
from tests.ledger.builders import unmatched
from tests.ledger.forger import APPENDS, EVENTS, Forger, fill, forging


@pytest.fixture
def forger(ledger: Ledger) -> Iterator[Forger]:
    fill(ledger)
    with forging(ledger) as forger:
        yield forger


def places(verified: Verified) -> set[int | None]:
    return {finding.position for finding in verified.findings}


positions = st.integers(1, EVENTS)
firsts = st.sampled_from(sorted(APPENDS))
TEXTS = ("stream", "type", "actor", "payload")
# Each column of an event as something else of its type; what is no change is not drawn.
CHANGES = {
    "position": ["position + 1000", "-position", "0", "9223372036854775807"],
    "event_id": ["gen_random_uuid()"],
    "version": ["version + 1000", "-version"],
    "subjects": [
        "subjects || 'x'::text",
        "subjects || ''::text",
        "subjects || NULL::text",
        "subjects[2:]",
        "ARRAY[array_to_string(subjects, chr(30))]",
        "ARRAY[subjects]",
        "'[5:5]={x}'",
        "'{}'",
    ],
    "schema_version": ["schema_version + 1", "-schema_version"],
    "recorded_at": [
        "recorded_at + interval '1 microsecond'",
        "recorded_at + interval '1 day'",
        "'infinity'",
        "'-infinity'",
        "'294276-12-31'",
        "'4713-01-01 BC'",
    ],
    "run_id": ["NULL", "gen_random_uuid()"],
    "cause": ["NULL", "coalesce(cause, 0) + 1", "-cause"],
    "hash": ["''", "hash || '\\x00'", "sha256(hash)"],
}
changes = st.sampled_from([(c, change) for c, several in CHANGES.items() for change in several])


@settings(max_examples=120)
@given(position=positions, change=changes)
def test_a_changed_column_of_an_event_is_found(
    forger: Forger, position: int, change: tuple[str, str]
) -> None:
    column, value = change
    statement = f"UPDATE ledger.events SET {column} = {value} WHERE position = %s AND {column}"
    assume(forger.does(f"{statement} IS DISTINCT FROM {value}", position))
    assert position in places(forger.is_caught())


@settings(max_examples=80)
@given(
    position=positions, column=st.sampled_from(TEXTS), at=st.integers(0, 200), to=st.characters()
)
def test_a_changed_character_of_an_event_is_found(
    forger: Forger, position: int, column: str, at: int, to: str
) -> None:
    text = forger.value(f"SELECT {column}::text FROM ledger.events WHERE position = %s", position)
    at %= len(text)
    forged = text[:at] + to + text[at + 1 :]
    assume(forged != text and forged.isprintable())
    cast = "json" if column == "payload" else "text"
    statement = f"UPDATE ledger.events SET {column} = %s::{cast} WHERE position = %s"
    assume(forger.does(statement, forged, position))
    assert position in places(forger.is_caught())


@settings(max_examples=40)
@given(first=firsts, column=st.sampled_from(["root", "link"]), at=st.integers(0, 255))
def test_a_flipped_bit_of_an_append_is_found(
    forger: Forger, first: int, column: str, at: int
) -> None:
    flipped = f"set_bit({column}, {at}, 1 - get_bit({column}, {at}))"
    forger.does(f"UPDATE ledger.appends SET {column} = {flipped} WHERE first_position = %s", first)
    assert first in places(forger.is_caught())


@settings(max_examples=40)
@given(
    first=firsts,
    change=st.sampled_from(
        [
            "count = count + 1",
            "count = count - 1",
            "count = 2147483647",
            "first_position = first_position + 1",
            "first_position = -first_position",
            "first_position = 9223372036854775807",
            "first_position = first_position + 1, count = count - 1",
        ]
    ),
)
def test_an_append_that_claims_other_events_is_found(
    forger: Forger, first: int, change: str
) -> None:
    assume(forger.does(f"UPDATE ledger.appends SET {change} WHERE first_position = %s", first))
    found = places(forger.is_caught())
    after = first + APPENDS[first]
    assert found & {first, after, after - 1}


@given(position=positions)
def test_a_removed_event_is_found(forger: Forger, position: int) -> None:
    forger.does("DELETE FROM ledger.events WHERE position = %s", position)
    assert position in places(forger.is_caught())


@given(first=firsts)
def test_a_removed_append_is_found(forger: Forger, first: int) -> None:
    forger.does("DELETE FROM ledger.appends WHERE first_position = %s", first)
    assert first in places(forger.is_caught())


@settings(max_examples=30)
@given(one=positions, other=positions)
def test_events_that_changed_places_are_found(forger: Forger, one: int, other: int) -> None:
    assume(one != other)
    for was, becomes in ((one, -1), (other, one), (-1, other)):
        forger.does("UPDATE ledger.events SET position = %s WHERE position = %s", becomes, was)
    assert {one, other} <= places(forger.is_caught())


@pytest.mark.parametrize("position", [-(2**63), -1, 0, EVENTS + 1, 2**63 - 1])
def test_an_event_put_in_by_hand_is_found(forger: Forger, position: int) -> None:
    forger.does(
        "INSERT INTO ledger.events SELECT %s, gen_random_uuid(), 'added', 1, subjects, type,"
        " schema_version, recorded_at, actor, run_id, cause, payload, hash"
        " FROM ledger.events WHERE position = 1",
        position,
    )
    forger.mends_hash(position)
    assert position in places(forger.is_caught())


@pytest.mark.parametrize("first", [-1, 0, 2, EVENTS + 1, 2**63 - 1])
@pytest.mark.parametrize("count", [1, 2**31 - 1])
def test_an_append_put_in_by_hand_is_found(forger: Forger, first: int, count: int) -> None:
    statement = "INSERT INTO ledger.appends SELECT %s, %s, root, link FROM ledger.appends LIMIT 1"
    forger.does(statement, first, count)
    assert not forger.is_caught().ok


@settings(max_examples=60)
@given(
    table_column=st.sampled_from(
        [
            *(("blobs", column) for column in ("content", "digest", "content_digest")),
            *(("personal", column) for column in ("digest", "salt")),
        ]
    ),
    row=st.integers(0, 1),
    at=st.integers(0, 10_000),
)
def test_a_flipped_bit_of_what_events_refer_to_is_found(
    forger: Forger, table_column: tuple[str, str], row: int, at: int
) -> None:
    table, column = table_column
    [key] = forger.connection.execute(
        f"SELECT digest FROM ledger.{table} ORDER BY digest OFFSET {row} LIMIT 1".encode()
    ).fetchall()
    at %= forger.value(f"SELECT bit_length({column}) FROM ledger.{table} WHERE digest = %s", *key)
    flipped = f"set_bit({column}, {at}, 1 - get_bit({column}, {at}))"
    forger.does(f"UPDATE ledger.{table} SET {column} = {flipped} WHERE digest = %s", *key)
    assert any(key[0].hex() in f.where + f.what for f in forger.is_caught().findings)


@pytest.mark.parametrize("column", ["content", "content_digest"])
def test_every_byte_of_a_stored_answer_is_checked(forger: Forger, column: str) -> None:
    [blob] = forger.connection.execute(
        "SELECT digest FROM ledger.blobs ORDER BY length(content) DESC LIMIT 1"
    ).fetchall()
    length = forger.value(f"SELECT length({column}) FROM ledger.blobs WHERE digest = %s", *blob)
    for at in range(length):
        for other in (1, 128, 255):
            flipped = f"set_byte({column}, {at}, get_byte({column}, {at}) # {other})"
            forger.does(f"UPDATE ledger.blobs SET {column} = {flipped} WHERE digest = %s", *blob)
            found = list(blob_findings(forger.connection))
            assert [one.where for one in found if one] == [f"blob {blob[0].hex()}"]
            forger.does(f"UPDATE ledger.blobs SET {column} = {flipped} WHERE digest = %s", *blob)
    assert forger.is_caught().ok


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE ledger.personal SET value = value || 'x' WHERE value = 'Ada'", None),
        ("UPDATE ledger.blobs SET content = content || '\\x00'", None),
        ("DELETE FROM ledger.personal WHERE value = 'Ada'", 9),
        ("DELETE FROM ledger.blobs", 7),
        ("INSERT INTO ledger.personal VALUES ('\\x00', '', 'x')", None),
        ("INSERT INTO ledger.blobs VALUES ('\\x00', '', '')", None),
        ("UPDATE ledger.personal SET value = 'Grace' WHERE value = 'Ada'", None),
    ],
)
def test_what_events_refer_to_is_checked(forger: Forger, change: str, found: int | None) -> None:
    forger.connection.execute(change.encode())
    assert found in places(forger.is_caught())


@settings(max_examples=20)
@given(position=positions)
def test_a_forger_who_mends_the_events_hash_is_found_by_the_append(
    forger: Forger, position: int
) -> None:
    forger.does("UPDATE ledger.events SET actor = 'nobody' WHERE position = %s", position)
    forger.mends_hash(position)
    first = max(first for first in APPENDS if first <= position)
    verified = forger.is_caught()
    assert places(verified) == {first}
    [finding] = verified.findings
    assert f"the append at {first} to {first + APPENDS[first] - 1}" in finding.what


@settings(max_examples=10)
@given(position=positions)
def test_a_forger_who_mends_the_whole_chain_is_found_by_an_anchor(
    forger: Forger, position: int
) -> None:
    with forger.ledger.database.transaction() as connection:
        anchor = head(driver(connection))[1].hex()
    forger.does("UPDATE ledger.events SET actor = 'nobody' WHERE position = %s", position)
    forger.mends_hash(position)
    forger.mends_chain()
    assert [finding.where for finding in forger.is_caught(anchor).findings] == ["anchor"]


def test_a_shortened_ledger_is_found_by_an_anchor(forger: Forger) -> None:
    anchor = verify_chain(forger.ledger.database).link
    forger.does("DELETE FROM ledger.events WHERE position >= 7")
    forger.does("DELETE FROM ledger.appends WHERE first_position >= 7")
    assert not forger.is_caught(anchor).ok


@pytest.mark.parametrize("anchor", ["", "xyz", "00" * 32])
def test_an_anchor_that_is_none_is_not_on_the_chain(ledger: Ledger, anchor: str) -> None:
    ledger.append([unmatched()])
    assert not verify_chain(ledger.database, anchor=anchor).ok


def test_an_intact_ledger_has_no_findings(forger: Forger) -> None:
    with forger.ledger.database.transaction() as connection:
        position, link = head(driver(connection))
    for anchor in (None, link.hex()):
        verified = verify_chain(forger.ledger.database, anchor=anchor)
        assert verified == Verified(EVENTS, len(APPENDS), 2, position, link.hex(), ())


def test_an_empty_ledger_has_no_findings(ledger: Ledger) -> None:
    assert verify_chain(ledger.database).ok


def test_the_digest_of_a_file_that_a_run_was_given_is_no_stored_answer(ledger: Ledger) -> None:
    with new_run(ledger, "discrepancies import", {"file": "open.xlsx", "digest": "ab" * 32}):
        pass
    assert verify_chain(ledger.database).ok
