"""The GraphQL documents that the program sends, each in its own file, checked when it is loaded.

Files in ``fragments`` are selections that several operations share; an operation is sent with those
it uses, and no others (the API refuses an unused one).
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from importlib.resources import files

from attrs import field, frozen
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    parse,
    separate_operations,
)


class Kind(Enum):
    """The effect of sending an operation twice."""

    READ = "read"  # changes nothing
    UPDATE = "update"  # sets or removes absolutely: twice is once
    CREATE = "create"  # creates or adds: twice is two


@frozen
class Operation:
    """One GraphQL operation, named as its file is.

    Where ``compared``, what is answered to it is compared with the schema.
    """

    name: str
    kind: Kind
    text: str
    compared: bool = field(default=False, eq=False, repr=False)


def load(name: str, kind: Kind = Kind.READ) -> Operation:
    """The operation in ``operations/<name>.graphql``; ValueError where the file holds another."""
    source = files(__package__).joinpath(f"{name}.graphql").read_text("utf-8")
    match parse(source).definitions:
        case [OperationDefinitionNode(name=named) as operation] if named and named.value == name:
            pass
        case _:
            raise ValueError(f"{name}.graphql must hold one operation, of that name")
    if (operation.operation is OperationType.QUERY) != (kind is Kind.READ):
        raise ValueError(f"{name}.graphql is a {operation.operation.value}, not a {kind.value}")
    whole = DocumentNode(definitions=(operation, *_fragments()))
    used = separate_operations(whole)[name].definitions
    text = "\n".join(one.loc.source.body for one in used if one.loc)
    return Operation(name, kind, text, compared=True)


@cache
def _fragments() -> tuple[FragmentDefinitionNode, ...]:
    """The shared fragments, each of its own file."""
    return tuple(
        definition
        for file in files(__package__).joinpath("fragments").iterdir()
        for definition in parse(file.read_text("utf-8")).definitions
        if isinstance(definition, FragmentDefinitionNode)
    )
