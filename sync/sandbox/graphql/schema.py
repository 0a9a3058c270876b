"""The sandbox's schema: a subset of the published one, kept as ``sdl/*.graphql``.

What every listed type has alike (connection, edge, filter, order, and the six arguments of a
connection field) is not written there sixteen times but added here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from sync.sandbox.records.kinds import KINDS, Kind

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

#: By switch: what some clients of the service use and its published schema does not have.
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
}


def _listed(kind: Kind) -> str:
    return LISTED.format(name=kind.name, enum=kind.enum)


def sdl(disputed: Iterable[str] = ()) -> str:
    """The whole schema as text, with the disputed members asked for."""
    written = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted((Path(__file__).parent / "sdl").glob("*.graphql"))
    )
    paged = re.sub(r"(?m)^(  \w+): (\w+)Connection!$", PAGED, written)
    listed = (_listed(kind) for kind in KINDS.values() if kind.columns)
    return "\n".join((paged, *listed, *(DISPUTED[name] for name in sorted(disputed))))
