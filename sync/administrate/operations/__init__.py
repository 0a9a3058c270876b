"""The operations the program sends, each in its own ``.graphql`` file, checked when it is loaded.

Files in ``operations/fragments`` are selections that several operations share; an operation is sent
with those it uses, and no others (the API refuses an unused one).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from attrs import field, frozen
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    parse,
    visit,
)
from graphql.language import Visitor

_SUFFIX = ".graphql"


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
    source = _directory().joinpath(name + _SUFFIX).read_text("utf-8")
    document = parse(source)
    defined = document.definitions
    if len(defined) != 1 or not isinstance(defined[0], OperationDefinitionNode):
        raise ValueError(f"{name}.graphql must hold one operation and nothing else")
    operation = defined[0]
    if operation.name is None or operation.name.value != name:
        raise ValueError(f"{name}.graphql must hold an operation of that name")
    if (operation.operation is OperationType.QUERY) != (kind is Kind.READ):
        raise ValueError(f"{name}.graphql is a {operation.operation.value}, not a {kind.value}")
    text = "\n".join([source, *_fragments_of(document)])
    return Operation(name, kind, text, compared=True)


def operation_names() -> tuple[str, ...]:
    """The name of every operation there is, sorted."""
    return tuple(sorted(_names(_directory())))


def _directory() -> Traversable:
    return files(__package__)


def _names(directory: Traversable) -> Iterator[str]:
    for file in directory.iterdir():
        if file.name.endswith(_SUFFIX):
            yield file.name.removesuffix(_SUFFIX)


@cache
def _fragments() -> dict[str, tuple[str, DocumentNode]]:
    """Each shared fragment's source and syntax, by name."""
    fragments = {}
    directory = _directory() / "fragments"
    for name in _names(directory):
        source = directory.joinpath(name + _SUFFIX).read_text("utf-8")
        document = parse(source)
        fragment = document.definitions[0]
        if not isinstance(fragment, FragmentDefinitionNode) or fragment.name.value != name:
            raise ValueError(f"fragments/{name}.graphql must hold a fragment of that name")
        fragments[name] = (source, document)
    return fragments


def _fragments_of(document: DocumentNode) -> list[str]:
    """The sources of the fragments the document spreads, directly or through another."""
    used: dict[str, str] = {}
    waiting = [document]
    while waiting:
        for name in _spreads(waiting.pop()):
            if name not in used:
                source, fragment = _fragments()[name]
                used[name] = source
                waiting.append(fragment)
    return list(used.values())


def _spreads(document: DocumentNode) -> list[str]:
    names: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            names.append(node.name.value)

    visit(document, Spreads())
    return names
