"""Hypothesis strategies for what a server may answer: rightly, and wrong at any one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLEnumType, GraphQLNonNull, GraphQLOutputType, get_named_type, is_list_type
from hypothesis import strategies as st

from sync.administrate.answers.conformity import Selected, schema, selection
from sync.administrate.operations import Operation

SCALARS: Mapping[str, st.SearchStrategy[Any]] = {
    "ID": st.integers(0, 10**6).map(lambda n: f"ID{n}"),
    "String": st.text(max_size=5),
    "Boolean": st.booleans(),
    "Int": st.integers(0, 100),
    "Decimal": st.sampled_from(["1", "12.30", "-0.5", "1e2", 7, 2.25]),
    "LocalDateTime": st.sampled_from(["2026-01-05T09:00:00", "2026-01-05T09:00"]),
    "TimeZonedDateTime": st.sampled_from(["2026-01-05T09:00:00Z", "2026-01-05T09:00:00.616861Z"]),
}
# Anything at all, and what is nearly right.
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["NaN", "Infinity", "12.345", "1e9999", "\x00", "\ud800", "x" * 5000, "TRUE"])
    | st.sampled_from(["2026-13-01T00:00:00", "2026-01-05", "0x1", "1_000", "١٢", 10**400, -1]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=3,
)
Place = tuple[str | int, ...]


def answers(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    """The data of good answers to an operation; its lists are whole."""
    return _objects(selection(schema(), operation.text))


@st.composite
def spoiled(draw: st.DrawFn, operation: Operation) -> dict[str, Any]:
    """The data of an answer in which one value, or the key of one, is anything at all."""
    answer = draw(answers(operation))
    place = draw(st.sampled_from(list(_places(answer))))
    holder: Any = answer
    for step in place[:-1]:
        holder = holder[step]
    if isinstance(place[-1], str) and draw(st.integers(0, 9)) == 0:
        del holder[place[-1]]
    else:
        holder[place[-1]] = draw(ANYTHING)
    return answer


def _objects(fields: Mapping[str, Selected]) -> st.SearchStrategy[dict[str, Any]]:
    values = {name: _values(one, one.type) for name, one in fields.items()}
    return st.fixed_dictionaries(values).map(_whole)


def _values(selected: Selected, declared: GraphQLOutputType) -> st.SearchStrategy[Any]:
    if not isinstance(declared, GraphQLNonNull):
        return st.none() | _values(selected, GraphQLNonNull(declared))
    declared = declared.of_type
    if is_list_type(declared):
        return st.lists(_values(selected, declared.of_type), max_size=2)
    if selected.fields:
        return _objects(selected.fields)
    named = get_named_type(declared)
    if isinstance(named, GraphQLEnumType):
        return st.sampled_from(list(named.values))
    return SCALARS[named.name]


def _whole(record: dict[str, Any]) -> dict[str, Any]:
    """The record; of a connection, with the count of what it holds."""
    if "pageInfo" in record:
        info = {"totalRecords": len(record["edges"]), "hasNextPage": False}
        record["pageInfo"] = {**record["pageInfo"], **info}
    return record


def _places(value: object) -> Iterator[Place]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (key,)
            for place in _places(inner):
                yield (key, *place)
