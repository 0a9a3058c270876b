"""``ledger.append`` refuses, whoever calls it, what could not be read or stands in no order."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import AppendRefused, DatabaseError
from ledger.store.ledger import Ledger
from ledger.verify.verify import verify_chain
from tests.ledger.appending_by_hand import append
from tests.ledger.builders import counted, unmatched

MIB = 2**20


def test_types_and_versions_of_a_later_program_pass(ledger: Ledger) -> None:
    append(ledger)
    verified = verify_chain(ledger.database)
    assert (verified.events, verified.appends) == (2, 1)
    assert verified.whole


def test_a_key_may_be_repeated_further_in(ledger: Ledger) -> None:
    nested = '{"a":{"b":1,"b":2},"c":[{"d":1,"d":2}]}'
    append(ledger, payloads=(nested, '{"b":{"a":1},"a":1}'))
    assert verify_chain(ledger.database).whole


def test_numbers_are_hashed_as_they_read_back(ledger: Ledger) -> None:
    ledger.append([unmatched()])
    append(ledger, schema_versions=("007", "+1"), causes=("01", ""), ordinals=("01", " 2"))
    assert verify_chain(ledger.database).whole


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"payloads": ("{}", "[]")}, "event 2 .* no JSON object"),
        ({"payloads": ("null", "{}")}, "event 1 .* no JSON object"),
        ({"payloads": ('" {}"', "{}")}, "event 1 .* no JSON object"),
        ({"payloads": ("{}", '{"a":1,"b":2,"a":1}')}, "event 2 .* repeats a key"),
        ({"payloads": ('{"a":1,"\\u0061":2}', "{}")}, "event 1 .* repeats a key"),
        ({"payloads": ('{"a":{"b":1,"b":2},"a":1}', "{}")}, "event 1 .* repeats a key"),
        ({"payloads": ("{}", r'{"a":"\ud800"}')}, "invalid input syntax for type json"),
        ({"payloads": ("{}", "{")}, "invalid input syntax for type json"),
        ({"payloads": ("{}", '{"a":"' + "x" * 16 * MIB + '"}')}, "event 2 .* 16 MiB"),
        ({"ordinals": ("1", "3")}, "event 2 .* ordinal"),
        ({"ordinals": ("2", "1")}, "event 1 .* ordinal"),
        ({"ordinals": ("0", "1")}, "event 1 .* ordinal"),
        ({"ordinals": ("1", "1")}, "event 2 .* ordinal"),
        ({"streams": ("a/1", "a/2")}, "event 2 .* ordinal"),
        ({"streams": ("", "")}, "event 1 .* no stream"),
        ({"streams": ("x" * 2001, "x")}, "event 1 .* 2,000 bytes"),
        ({"streams": ("é" * 1001, "x")}, "event 1 .* 2,000 bytes"),
        ({"types": ("", "Later")}, "event 1 .* no type"),
        ({"types": ("x" * 201, "Later")}, "event 1 .* 200 bytes"),
        ({"schema_versions": ("0", "1")}, "event 1 .* schema version"),
        ({"schema_versions": ("40000", "1")}, "out of range"),
        ({"subjects": ("a", "b\x1e" + "x" * 2001)}, "event 2 .* subject .* 2,000 bytes"),
        ({"subjects": ("a\x1e" * 3 * MIB, "b")}, "event 1 .* 4 MiB"),
        ({"causes": ("", "2")}, "event 2 follows from position 2, and the last is 1"),
        ({"causes": ("0", "")}, "event 1 follows from position 0"),
        ({"causes": ("", "-1")}, "event 2 follows from position -1"),
        ({"payloads": ("{}",)}, "event 2 .* differ in length"),
        ({"types": ("Later",)}, "event 2 .* differ in length"),
    ],
)
def test_a_batch_is_refused_whole_and_told_why(
    ledger: Ledger, changed: dict[str, Any], why: str
) -> None:
    ledger.append([unmatched()])
    with pytest.raises(DatabaseError, match=why):
        append(ledger, **changed)
    assert counted(ledger, "ledger.events") == 1
    assert verify_chain(ledger.database).ok


@pytest.mark.parametrize("actor", ["a\x1fb", "a\x1eb", "", "x" * 1001])
def test_an_actor_that_is_no_name_is_refused(ledger: Ledger, actor: str) -> None:
    with pytest.raises(DatabaseError, match="the actor"):
        append(ledger, actor=actor)
    with pytest.raises(AppendRefused, match="the actor"):
        Ledger(ledger.database, actor).append([unmatched()])
    assert counted(ledger, "ledger.events") == 0


@pytest.mark.parametrize("bound", ["streams", "subjects"])
def test_what_is_just_within_its_bound_passes(ledger: Ledger, bound: str) -> None:
    changed: Any = {bound: ("x" * 2000, "a/1")}
    append(ledger, **{"ordinals": ("1", "1"), **changed} if bound == "streams" else changed)
    assert counted(ledger, "ledger.events") == 2
