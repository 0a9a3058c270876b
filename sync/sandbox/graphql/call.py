"""One call as its resolvers see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen
from graphql import GraphQLResolveInfo

from sync.sandbox.records.store import Record, Store
from sync.sandbox.switches import Switches


@frozen
class Mischief:
    """What faults do to the data a call reads: between two of its pages, or to its order."""

    insert: bool = False
    remove: bool = False
    salt: int = 0


@define
class Call:
    """``now`` is the instant of the call; ``changed`` is told of each record changed."""

    store: Store
    switches: Switches
    now: str
    changed: Callable[[str, str], None]
    mischief: Mischief = field(factory=Mischief)


Info = GraphQLResolveInfo[Call]


@frozen
class Problem:
    """One of a payload's errors: the input field concerned, what is wrong, the value given."""

    message: str
    label: str | None = None
    value: str | None = None


class Refused(Exception):
    """A change that is not made; its problems go into the payload."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def refuse(message: str, label: str | None = None, value: object = None) -> Refused:
    return Refused(Problem(message, label, None if value is None else str(value)))


@frozen
class Made:
    """A change that was made: the payload's entity, and problems that did not prevent it."""

    entity: Record | list[Record] | None
    changed: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


Arguments = dict[str, Any]
