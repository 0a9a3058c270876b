"""Whatever a server answers, nothing of a wrong type gets in, and nothing ends unexpectedly."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.schema.column_values import column_value
from ledger.schema.declared import BOOLEAN, DATE, JSONB, MOMENT, TEXT
from sync.administrate.answers.conformity import answer_faults
from sync.administrate.answers.reading import read_data
from sync.administrate.errors import Malformed, NotFound
from sync.administrate.operations import Kind, Operation
from sync.administrate.reads.listings import Listing, Part, assemble, read_slice, refused_of
from sync.administrate.transport.connections import Reply
from sync.entities import COURSE_TEMPLATE_PRICES, ENTITIES
from sync.entity import Entity, Lookups, Observed, Skipped
from sync.fetch.sources import source_of
from tests.sync.administrate.declared import LISTINGS, OPERATIONS
from tests.sync.administrate.good_answers import answers, spoiled

BY_NAME = {operation.name: operation for operation in OPERATIONS}


class EverythingKnown(dict[str, int]):
    """The primary keys of rows of which each is there, in one place."""

    def __missing__(self, _key: str) -> int:
        return 1

    def __contains__(self, _key: object) -> bool:
        return True

    def get(self, _key: str, _default: object = None) -> int:
        return 1


def reply(data: object) -> Reply:
    return Reply(200, {}, json.dumps({"data": data}).encode())


@settings(max_examples=60)
@given(st.data())
def test_a_good_answer_is_taken_as_it_is(data: st.DataObject) -> None:
    operation = BY_NAME[data.draw(st.sampled_from(sorted(BY_NAME)))]
    answer = data.draw(answers(operation))
    read = read_data(operation, reply(answer))
    assert json.loads(json.dumps(read, default=float)) == json.loads(json.dumps(answer))


@settings(max_examples=150)
@given(st.data())
def test_any_other_answer_is_malformed_or_its_bad_records_are_refused(data: st.DataObject) -> None:
    listing = data.draw(st.sampled_from(LISTINGS))
    answer = data.draw(spoiled(listing.operation))
    try:
        records, refused = taken(listing, reply(answer))
    except (Malformed, NotFound) as error:
        told, records, refused = [str(error)], (), ()
    else:
        told = [one.why for one in refused]
    assert all(len(words) < 500 for words in told)
    for record in records:
        assert not {one.id for one in refused if one.operation == listing.operation.name} & {
            listing.id_of(record)
        }


def taken(listing: Listing, answered: Reply) -> tuple[Any, Any]:
    data = read_data(listing.operation, answered, whole=False)
    part = read_slice(listing, data)
    parts = [Part(listing.operation.name, {}, part.records, part.refused)]
    ids = [listing.id_of(record) for record in part.records]
    return assemble(listing, ids, parts), refused_of(listing, ids, parts)


@settings(max_examples=150)
@given(st.data())
def test_no_bridge_row_has_a_value_that_its_column_does_not_take(data: st.DataObject) -> None:
    entity = ENTITIES[data.draw(st.integers(0, len(ENTITIES) - 1))]
    source = source_of(entity)
    part = source.parts[0]
    answer = data.draw(spoiled(part.listing.operation))
    lookups = Lookups(defaultdict(EverythingKnown))
    try:
        records, refused = taken(part.listing, reply(answer))
    except Malformed:
        return
    for one in refused:
        assert isinstance(source.refuse(one, part, lookups), Skipped)
    for record in records:
        for item in source.observe(record, part, lookups):
            if isinstance(item, Observed):
                assert list(wrong_columns(entity, item)) == []


def wrong_columns(entity: Entity, observed: Observed) -> Iterator[str]:
    for name, field in observed.fields.items():
        kind, value = entity.table.by_name[name].plain, column_value(field)
        right: bool = value is None
        if kind == TEXT:
            right = right or (isinstance(value, str) and len(value) <= 1_000_000)
        elif kind == BOOLEAN:
            right = right or isinstance(value, bool)
        elif kind == "numeric":
            right = isinstance(value, Decimal) and value.as_tuple().exponent == -2
        elif kind == MOMENT:
            right = right or (isinstance(value, datetime) and value.tzinfo is not None)
        elif kind == DATE:
            right = right or type(value) is date
        elif kind == JSONB:
            values = value.values() if isinstance(value, dict) else value
            right = all(one is None or isinstance(one, str) for one in values)
        else:
            right = right or isinstance(value, int)
        if not right:
            yield f"{name} is {value!r}"


AMOUNTS: dict[bool | None, list[Any]] = {
    True: ["12.30", "1e2", 12, 12.5, "-3.00", "0", "12.340", "+1.5"],
    False: ["12.345", 12.345, "1e-3", "1e9", -(10**8), "0.001"],
    None: [
        *("NaN", "Infinity", " 12", "1_000", "١٢", "", "£5", "1" * 500, "1e999", 10**50),
        *(float("nan"), float("inf"), {}, None, True, ["1"]),
    ],
}


@pytest.mark.parametrize(
    ("amount", "taken"), [(one, how) for how, those in AMOUNTS.items() for one in those]
)
def test_an_amount_is_a_decimal_of_at_most_two_places(amount: object, taken: bool | None) -> None:
    """What the schema does not call a decimal is refused at the door, the rest by its column."""
    operation = BY_NAME["PricesOfCourseTemplate"]
    price = {
        "id": "P1",
        "amount": amount,
        "priceLevel": None,
        "region": {"id": "R1", "code": "UK"},
        "financialUnit": {"id": "C1", "name": "Pound", "code": "GBP"},
    }
    page = {
        "pageInfo": {"totalRecords": 1, "hasNextPage": False},
        "edges": [{"node": price}],
    }
    data = read_data(operation, reply({"node": {"id": "T1", "publicPrices": page}}), whole=False)
    faults = list(answer_faults(operation, data))
    assert bool(faults) == (taken is None)
    if faults:
        assert faults[0].place[-1] == "amount"
        return
    entity = COURSE_TEMPLATE_PRICES
    lookups = Lookups(defaultdict(EverythingKnown))
    template = {"id": "T1", "code": "CB1", "publicPrices": data["node"]["publicPrices"]}
    source = source_of(entity)
    [found] = source.observe(template, source.parts[0], lookups)
    assert isinstance(found, Observed if taken else Skipped)
    if isinstance(found, Observed):
        assert found.fields["amount"] == Decimal(str(amount))


def test_an_operation_of_no_file_of_ours_is_not_compared() -> None:
    made_up = Operation("Anything", Kind.READ, "query Anything { hello }")
    assert list(answer_faults(made_up, {"hello": 5})) == []
