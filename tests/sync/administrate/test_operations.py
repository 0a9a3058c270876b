"""Every operation is valid against each schema at hand, and what is said of it is true there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_client_schema,
    build_schema,
    get_named_type,
    is_list_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from sync.administrate import changes, reads
from sync.administrate.documents import load, operation_names
from sync.administrate.errors import Kind, Operation
from sync.administrate.listings import Listing
from sync.administrate.writes import WriteRequest
from sync.sandbox.schema import sdl
from tests.sync.administrate.requests_of_every_kind import REQUESTS

Composite = GraphQLObjectType | GraphQLInterfaceType
ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT.parent / "shared" / "data" / "administrate-core.introspection.json"

OPERATIONS = [
    *(listing.operation for listing in reads.LISTINGS),
    *reads.QUERIES,
    *(write.operation for write in changes.WRITES.values()),
]


def schemas() -> Iterator[GraphQLSchema]:
    """The sandbox's, and the published schema where its file is there."""
    yield build_schema(sdl())
    if PUBLISHED.exists():
        introspection = json.loads(PUBLISHED.read_bytes())
        yield build_client_schema(introspection.get("data", introspection))


SCHEMAS = list(schemas())


def test_every_file_is_declared_once() -> None:
    assert tuple(sorted(operation.name for operation in OPERATIONS)) == operation_names()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_valid(operation: Operation) -> None:
    for schema in SCHEMAS:
        assert validate(schema, parse(operation.text)) == []


def test_an_operation_is_loaded_as_what_it_is() -> None:
    with pytest.raises(ValueError, match=r"Venues\.graphql is a query"):
        load("Venues", Kind.UPDATE)
    with pytest.raises(ValueError, match=r"EventCreateLMS\.graphql is a mutation"):
        load("EventCreateLMS", Kind.READ)


def test_every_kind_of_change_is_tried_here() -> None:
    assert {request.operation for request in REQUESTS} == set(changes.WRITES)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.operation)
def test_the_variables_of_a_change_are_plain_and_fit_the_schema(request_: WriteRequest) -> None:
    assert json.loads(json.dumps(request_.variables)) == request_.variables
    [definition, *_] = parse(request_.write.operation.text).definitions
    assert isinstance(definition, OperationDefinitionNode)
    for schema in SCHEMAS:
        coerced = get_variable_values(
            schema, definition.variable_definitions or (), dict(request_.variables)
        )
        assert not isinstance(coerced, list), coerced


def test_a_change_kept_in_a_ledger_comes_back_as_it_was() -> None:
    for request in REQUESTS:
        assert changes.restore_request(request.operation, request.variables) == request


def test_only_creations_and_additions_are_looked_for() -> None:
    for write in changes.WRITES.values():
        assert (write.find_again is not None) == (write.operation.kind is Kind.CREATE)


@pytest.mark.parametrize("listing", reads.LISTINGS, ids=lambda listing: listing.operation.name)
def test_what_a_listing_requires_is_what_the_schema_promises(listing: Listing) -> None:
    for schema in SCHEMAS:
        promised = set(Selection(schema, listing).promised())
        assert promised == {listing.id_field, *listing.required}


class Selection:
    """What a listing's operation selects of a record, read from its syntax and a schema."""

    def __init__(self, schema: GraphQLSchema, listing: Listing) -> None:
        self.schema = schema
        self.listing = listing
        [self.operation, *fragments] = parse(listing.operation.text).definitions
        self.fragments = {
            fragment.name.value: fragment
            for fragment in fragments
            if isinstance(fragment, FragmentDefinitionNode)
        }

    def promised(self) -> Iterator[str]:
        """The paths in a record that the schema says are not null."""
        assert isinstance(self.operation, OperationDefinitionNode)
        assert self.schema.query_type is not None
        parent: Composite = self.schema.query_type
        selected = self.operation.selection_set
        way = (*self.listing.path, *(("edges", "node") if self.listing.paged else ()))
        for name in way:
            parent, selected = next(
                (inner, field.selection_set)
                for owner, field in self._fields(parent, selected, conditions=True)
                if field.name.value == name and field.selection_set is not None
                for inner in [get_named_type(owner.fields[name].type)]
                if isinstance(inner, GraphQLObjectType | GraphQLInterfaceType)
            )
        yield from self._promised(parent, selected)

    def _promised(self, parent: Composite, selected: SelectionSetNode) -> Iterator[str]:
        for owner, field in self._fields(parent, selected, conditions=False):
            name = field.name.value
            if name in self.listing.nested or name.startswith("__"):
                continue
            declared = owner.fields[name].type
            if not isinstance(declared, GraphQLNonNull):
                continue
            inner = get_named_type(declared)
            if field.selection_set is None or is_list_type(declared.of_type):
                yield name
            else:
                assert isinstance(inner, GraphQLObjectType | GraphQLInterfaceType)
                for path in self._promised(inner, field.selection_set):
                    yield f"{name}.{path}"

    def _fields(
        self, parent: Composite, selected: SelectionSetNode, *, conditions: bool
    ) -> Iterator[tuple[Composite, FieldNode]]:
        for node in selected.selections:
            if isinstance(node, FieldNode):
                yield parent, node
            elif isinstance(node, FragmentSpreadNode):
                inner = self.fragments[node.name.value].selection_set
                yield from self._fields(parent, inner, conditions=conditions)
            elif isinstance(node, InlineFragmentNode) and conditions and node.type_condition:
                narrowed = self.schema.type_map[node.type_condition.name.value]
                assert isinstance(narrowed, GraphQLObjectType)
                yield from self._fields(narrowed, node.selection_set, conditions=True)
