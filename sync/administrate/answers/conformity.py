"""Checks an answer's values against the types of the schema.

Each operation's selection is read once against ``schema.graphql``; what an answer holds at a place
is then compared with the type of that place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from attrs import evolve, field, frozen
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    InlineFragmentNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    get_operation_ast,
    is_list_type,
    parse,
)

from sync.administrate.answers.scalars import kind, wrong_value
from sync.administrate.operations import Operation

# A payload may lack it where something else tells the outcome; its reader decides.
_MAY_BE_MISSING = {"errors"}

Place = tuple[str | int, ...]


@frozen
class Fault:
    """A value of the wrong type. ``missing``: a required value is absent."""

    place: Place
    said: str
    missing: bool = False

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place)) or 'data'} {self.said}"


@frozen
class Selected:
    """A selected field: its type and, for an object, its own selection.

    ``certain``: it comes with every record, whatever the record's type turns out to be.
    """

    type: GraphQLOutputType
    fields: Mapping[str, Selected] = field(factory=dict)
    certain: bool = True


def answer_faults(operation: Operation, data: Mapping[str, Any]) -> Iterator[Fault]:
    """The faults of an answer's data, and none for an operation of no file of ours.

    A selected field that is absent and may be null is set to null.
    """
    if operation.compared:
        yield from _object_faults(_selection(operation), data, ())


def schema() -> GraphQLSchema:
    """The types of answers."""
    source = files(__package__).joinpath("schema.graphql").read_text("utf-8")
    # Without arguments, and with the fields we select alone, it is not a whole one.
    return build_schema(source, assume_valid=True)


def _object_faults(fields: Mapping[str, Selected], value: object, place: Place) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(place, f"is {kind(value)}, not an object", value is None)
        return
    for name, selected in fields.items():
        if name not in value:
            if not selected.certain:
                continue
            if not place:
                # Null says at the root that a record is not there; silence does not.
                yield Fault((name,), "is missing, though it was selected", missing=True)
                continue
            if not isinstance(selected.type, GraphQLNonNull):
                value[name] = None
        yield from _faults(selected, selected.type, value.get(name), (*place, name))


def _faults(
    selected: Selected, declared: GraphQLOutputType, value: object, place: Place
) -> Iterator[Fault]:
    if isinstance(declared, GraphQLNonNull):
        if value is None:
            if place[-1] not in _MAY_BE_MISSING:
                yield Fault(place, "is missing, where the schema promises something", missing=True)
            return
        declared = declared.of_type
    elif value is None:
        return
    if is_list_type(declared):
        if not isinstance(value, list):
            yield Fault(place, f"is {kind(value)}, not a list")
            return
        for number, item in enumerate(value):
            fault = None
            for fault in _faults(selected, declared.of_type, item, (*place, number)):
                yield fault
            if fault is not None and not selected.fields:
                return  # of a long list of values one fault tells enough
    elif selected.fields:
        yield from _object_faults(selected.fields, value, place)
    else:
        name = next(part for part in reversed(place) if isinstance(part, str))
        if wrong := wrong_value(get_named_type(declared), name, value):
            yield Fault(place, wrong)


_cached_schema = cache(schema)
_SELECTIONS: dict[str, Mapping[str, Selected]] = {}


def _selection(operation: Operation) -> Mapping[str, Selected]:
    """What the operation selects, by name. Threads that read it at once read the same."""
    if operation.name not in _SELECTIONS:
        _SELECTIONS[operation.name] = selection(_cached_schema(), operation.text)
    return _SELECTIONS[operation.name]


def selection(schema: GraphQLSchema, text: str) -> Mapping[str, Selected]:
    """What the text's one operation selects. KeyError where the schema lacks a field."""
    document = parse(text)
    operation = get_operation_ast(document)
    if operation is None:
        raise TypeError("the text holds not one operation")
    fragments = {
        part.name.value: part
        for part in document.definitions
        if isinstance(part, FragmentDefinitionNode)
    }
    root = schema.get_root_type(operation.operation)
    return _fields(schema, fragments, root, operation.selection_set)


def _fields(
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
    parent: GraphQLNamedType | None,
    selected: SelectionSetNode,
) -> dict[str, Selected]:
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        raise TypeError(f"{parent} has no fields")
    found: dict[str, Selected] = {}
    for node in selected.selections:
        if isinstance(node, FieldNode):
            key = node.alias.value if node.alias else node.name.value
            found[key] = _field(schema, fragments, parent, node)
            continue
        fragment = (
            fragments[node.name.value]
            if isinstance(node, FragmentSpreadNode)
            else cast("InlineFragmentNode", node)
        )
        condition = fragment.type_condition
        narrowed = schema.type_map[condition.name.value] if condition else parent
        for key, one in _fields(schema, fragments, narrowed, fragment.selection_set).items():
            found[key] = evolve(one, certain=narrowed is parent and one.certain)
    return found


def _field(
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
    parent: GraphQLObjectType | GraphQLInterfaceType,
    node: FieldNode,
) -> Selected:
    if node.name.value == "__typename":
        return Selected(GraphQLNonNull(GraphQLString))
    declared = parent.fields[node.name.value].type
    if node.selection_set is None:
        return Selected(declared)
    inner = _fields(schema, fragments, get_named_type(declared), node.selection_set)
    return Selected(declared, inner)
