"""A request's document: parsed and validated once, with the names that its call goes by."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from attrs import frozen
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from sync.sandbox.graphql.schema import schema

UNREADABLE = "(unreadable)"


@frozen
class Document:
    """``names``: the operation's own, its root fields, and the paths of its mutations."""

    name: str
    names: frozenset[str]
    syntax: DocumentNode | None
    errors: Sequence[GraphQLError]


def _fields(node: OperationDefinitionNode | FieldNode) -> list[FieldNode]:
    chosen = node.selection_set.selections if node.selection_set else ()
    return [one for one in chosen if isinstance(one, FieldNode)]


def _names(operation: OperationDefinitionNode) -> set[str]:
    names = {operation.name.value} if operation.name else set()
    for root in _fields(operation):
        if operation.operation is OperationType.MUTATION:
            names |= {f"{root.name.value}.{inner.name.value}" for inner in _fields(root)}
        else:
            names.add(root.name.value)
    return names


@lru_cache(maxsize=256)
def parsed(query: str, name: str | None, disputed: frozenset[str]) -> Document:
    """Parses and validates a document; a client's few documents come again and again."""
    try:
        syntax = parse(query)
    except GraphQLError as error:
        return Document(name or UNREADABLE, frozenset({name or UNREADABLE}), None, (error,))
    defined = [one for one in syntax.definitions if isinstance(one, OperationDefinitionNode)]
    chosen = [one for one in defined if not name or (one.name and one.name.value == name)]
    names = {name} if name else set()
    for one in chosen[:1]:
        names |= _names(one)
    own = chosen[0].name.value if chosen and chosen[0].name else None
    errors = validate(schema(disputed), syntax)
    return Document(name or own or "(unnamed)", frozenset(names), syntax, errors)
