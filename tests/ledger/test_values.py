"""Values: what an event may hold comes back exactly as it went in."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given

from ledger.canonical import canonical, parse
from ledger.values import Personal, UnstorableValue, Value, plain, restored
from tests.strategies import exact, fields, scalars


@given(fields.filter(lambda made: not _holds_personal(made)))
@example({"$map": [["a", 1]], "$decimal": "1.10"})
@example({"nul": "\x00", "lone": "\ud800", "substitute": "\x1a001a"})
@example({"big": 2**53, "small": -(2**53), "exact": 2**53 - 1})
@example({"scale": Decimal("1.10"), "exponent": Decimal("1E+3"), "zero": Decimal("-0.00")})
@example({"twice": datetime(2024, 10, 27, 1, 30, fold=1, tzinfo=UTC)})
def test_a_value_comes_back_as_it_went_in(value: Value) -> None:
    assert exact(restored(parse(canonical(plain(value))))) == exact(value)


def _holds_personal(value: Value) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_personal, value.values()))
    if isinstance(value, list):
        return any(map(_holds_personal, value))
    return isinstance(value, Personal)


@given(scalars, scalars)
def test_different_values_are_written_differently(one: Value, other: Value) -> None:
    same = canonical(plain(one)) == canonical(plain(other))
    assert same == (exact(one) == exact(other))


def test_a_tuple_comes_back_as_a_list() -> None:
    assert restored(plain((1, (2,)))) == [1, [2]]


@pytest.mark.parametrize(
    "foreign",
    [1.5, float("nan"), Decimal("NaN"), Decimal("Infinity"), b"bytes", {1, 2}, object()],
    ids=lambda value: type(value).__name__,
)
def test_what_no_event_can_hold_is_refused(foreign: Value) -> None:
    with pytest.raises(UnstorableValue):
        plain({"nested": [foreign]})


def test_a_mapping_with_keys_other_than_text_is_refused() -> None:
    with pytest.raises(UnstorableValue, match="text keys, not 1"):
        plain({1: "one"})  # type: ignore[dict-item]  # that is the point


def test_a_personal_value_is_not_in_its_own_repr() -> None:
    assert "Ada" not in repr(Personal("Ada"))
