"""How a mutation runs: in its own transaction, counted in it, its refusal an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.sandbox.graphql.call import Info, Made, Problem, Refused

#: Takes the call and the field's arguments in the schema's order.
Change = Callable[..., Made]


def _shown(problem: Problem) -> dict[str, str | None]:
    return {"label": problem.label, "message": problem.message, "value": problem.value}


def resolver(namespace: str, name: str, entity: str | None, change: Change) -> Callable[..., Any]:
    """Resolves a mutation field; ``entity`` names the payload's field, None where it is bare."""

    def resolve(_: object, info: Info, **arguments: object) -> object:
        call = info.context
        try:
            with call.store.writing():
                made = change(call, *arguments.values())
                for identifier in made.changed:
                    call.changed(f"{namespace}.{name}", identifier)
        except Refused as refused:
            empty: list[object] | None = [] if entity in ("events", "prices") else None
            return {"errors": [_shown(one) for one in refused.problems], entity: empty}
        if entity is None:
            return made.entity
        return {"errors": [_shown(one) for one in made.problems], entity: made.entity}

    return resolve
