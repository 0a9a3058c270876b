"""Every operation is valid against each schema at hand, and what is said of it is true there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_client_schema,
    build_schema,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from sync.administrate.answers.conformity import Selected, schema, selection
from sync.administrate.operations import Kind, Operation, load
from sync.administrate.writes.declaration import WriteRequest
from sync.sandbox.graphql.schema import sdl
from tests.sync.administrate.declared import OPERATIONS
from tests.sync.administrate.requests_of_every_kind import REQUESTS

Composite = GraphQLObjectType | GraphQLInterfaceType
ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT.parent / "shared" / "data" / "administrate-core.introspection.json"


def schemas() -> Iterator[GraphQLSchema]:
    """The sandbox's, and the published schema where its file is there."""
    yield build_schema(sdl())
    if PUBLISHED.exists():
        introspection = json.loads(PUBLISHED.read_bytes())
        yield build_client_schema(introspection.get("data", introspection))


SCHEMAS = list(schemas())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_valid(operation: Operation) -> None:
    for whole in SCHEMAS:
        assert validate(whole, parse(operation.text)) == []


def test_an_operation_is_loaded_as_what_it_is() -> None:
    with pytest.raises(ValueError, match=r"Venues\.graphql is a query"):
        load("Venues", Kind.UPDATE)
    with pytest.raises(ValueError, match=r"EventCreateLMS\.graphql is a mutation"):
        load("EventCreateLMS", Kind.READ)


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_the_variables_of_a_change_are_plain_and_fit_the_schema(request_: WriteRequest) -> None:
    assert json.loads(json.dumps(request_.variables)) == request_.variables
    [definition, *_] = parse(request_.change.operation.text).definitions
    assert isinstance(definition, OperationDefinitionNode)
    for whole in SCHEMAS:
        coerced = get_variable_values(
            whole, definition.variable_definitions or (), dict(request_.variables)
        )
        assert not isinstance(coerced, list), coerced


@pytest.mark.parametrize("name", schema().type_map)
def test_what_answers_are_compared_with_is_what_each_schema_says(name: str) -> None:
    ours = schema().type_map[name]
    for whole in SCHEMAS if not name.startswith("__") else []:
        theirs = whole.type_map[name]
        assert type(theirs) is type(ours)
        if isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
            assert list(ours.values) == list(theirs.values)
        if isinstance(ours, Composite) and isinstance(theirs, Composite):
            types = {field: str(theirs.fields[field].type) for field in ours.fields}
            assert {field: str(one.type) for field, one in ours.fields.items()} == types


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_all_that_an_operation_asks_for_is_compared(operation: Operation) -> None:
    """By each schema at hand it asks for the same; what it is compared with lacks nothing."""
    assert operation.compared
    ours, *theirs = (selection(one, operation.text) for one in (schema(), *SCHEMAS))
    for one in theirs:
        assert shape(one) == shape(ours)


def shape(fields: Mapping[str, Selected]) -> dict[str, object]:
    """What is asked for, with its types' names."""
    return {name: (str(one.type), one.certain, shape(one.fields)) for name, one in fields.items()}
