"""One call as its resolvers see it, and what a mutation returns or raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen
from graphql import GraphQLResolveInfo, GraphQLSchema

from sync.sandbox.faults.kinds import Disturbance
from sync.sandbox.records.store import Record, Store
from sync.sandbox.switches import Switches

Arguments = dict[str, Any]


@define
class Call:
    """``now`` is the instant of the call; ``changed`` records each change by path and node."""

    schema: GraphQLSchema
    store: Store
    switches: Switches
    now: str
    changed: Callable[[str, str], None]
    disturbance: Disturbance = field(factory=Disturbance)

    @property
    def session_edited(self) -> str | None:
        """When an event is updated by an edit of a session; ``None``: it is not."""
        return self.now if self.switches.session_updates_event else None

    @property
    def staff_edited(self) -> str | None:
        """When an event is updated by an edit of staff; ``None``: it is not."""
        return self.now if self.switches.staff_updates_event else None


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
    """A change that was made: the payload's entity, and problems that did not prevent it.

    ``changed`` are the ids of the records changed, by default the entity's.
    """

    entity: Record | list[Record] | None
    changed: tuple[str, ...] | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        if self.changed is not None:
            return self.changed
        entities = self.entity if isinstance(self.entity, list) else [self.entity]
        return tuple(entity["id"] for entity in entities if entity)


#: Takes the call and the field's arguments in the schema's order.
Mutation = Callable[..., Made]
