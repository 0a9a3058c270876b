"""The schema: a subset of the published one, in ``sdl/*.graphql``, with its resolvers.

What every listed type has alike (connection, edge, filter, order, and the six arguments of a
connection field) is not written there sixteen times but added here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from ariadne import ScalarType, make_executable_schema
from graphql import GraphQLSchema

from sync.sandbox.graphql.resolvers import Resolvers
from sync.sandbox.records import times

CONNECTION_FIELD = r"(?m)^(  \w+): (\w+)Connection!$"
#: Types whose filter enum is not called by their name with ``Field``.
ENUMS = {"CourseTemplatePublicPrice": "CourseTemplatePriceField"}
LISTED = """
type {name}Connection {{
  edges: [{name}Edge!]!
  pageInfo: PageInfo!
}}

type {name}Edge {{
  cursor: String!
  node: {name}!
}}

input {name}FieldGraphFilter {{
  field: {enum}!
  operation: FilterOperation!
  value: String
  values: [String]
}}

input {name}FieldGraphOrder {{
  field: {enum}!
  direction: OrderDirection!
}}
"""

PAGED = r"""\1(
    filters: [\2FieldGraphFilter] = []
    order: \2FieldGraphOrder
    first: Int
    offset: Int
    after: String = "__EMPTY__"
    orderBy: [\2FieldGraphOrder] = []
  ): \2Connection!"""

#: By switch: what the service may have or not.
DISPUTED = {
    "session_delete": """
input SessionDeleteInput {
  sessionIds: [ID]!
}

extend type SessionMutations {
  delete(input: SessionDeleteInput!): SessionMutationResponse!
}
""",
    "currency_is_active": """
extend enum CurrencyField {
  isActive
}
""",
    "session_event": """
extend type Session {
  event: Event
}
""",
    "updated_at_filter": """
extend enum EventField {
  updatedAt
}
""",
}
#: Those that the published schema has; whether the service of today has, too, only it can tell.
PUBLISHED = frozenset({"updated_at_filter"})


def sdl(disputed: Iterable[str] = PUBLISHED) -> str:
    """The whole schema as text, with the disputed members of those names."""
    written = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted((Path(__file__).parent / "sdl").glob("*.graphql"))
    )
    names = sorted({name for _, name in re.findall(CONNECTION_FIELD, written)})
    listed = (LISTED.format(name=name, enum=ENUMS.get(name, f"{name}Field")) for name in names)
    paged = re.sub(CONNECTION_FIELD, PAGED, written)
    return "\n".join((paged, *listed, *(DISPUTED[name] for name in sorted(disputed))))


def _decimal(value: object) -> str:
    """A decimal goes in as a string or a number, and out as a string."""
    try:
        if isinstance(value, (str, int, float)) and Decimal(str(value)).is_finite():
            return str(value)
    except InvalidOperation:
        pass
    raise ValueError(f"{value!r} is not a decimal")


def _text(read: Callable[[str], object]) -> Callable[[object], str]:
    """Takes text only, as ``read`` normalises it; ValueError where that cannot."""

    def parse(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not text")
        return str(read(value))

    return parse


SCALARS = [
    ScalarType("Coordinate", value_parser=_decimal),
    ScalarType("Date", value_parser=_text(date.fromisoformat)),
    ScalarType("Decimal", value_parser=_decimal),
    ScalarType("LocalDateTime", value_parser=_text(times.local)),
    ScalarType("Time", value_parser=_text(time.fromisoformat)),
    ScalarType("TimeZonedDateTime", serializer=times.shown, value_parser=_text(times.instant)),
]


@cache
def schema(disputed: frozenset[str] = PUBLISHED) -> GraphQLSchema:
    """The executable schema, with the disputed members named (see ``DISPUTED``)."""
    return make_executable_schema(sdl(disputed), *SCALARS, Resolvers())
