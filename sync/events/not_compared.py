"""The fields of events and sessions that are not compared, one declaration each: whose they are,
and why not."""

from __future__ import annotations

from attrs import frozen

ADMINISTRATE, NOBODY = "Administrate", "nobody"


@frozen
class NotCompared:
    """A field of an event or a session that each side keeps for itself; ``column`` is that of the
    tutorial table."""

    of: str
    name: str
    title: str
    owner: str
    column: str
    why: str


NOT_COMPARED = (
    NotCompared(
        "event",
        "administrators",
        "administrators",
        ADMINISTRATE,
        "administrator",
        "they are contacts that nothing links with a tutorial record, and the column holds a name",
    ),
    NotCompared(
        "event",
        "main_instructor",
        "main instructor",
        NOBODY,
        "main_instructor_id",
        "Administrate has none; the instructors of its sessions are compared, each with its own",
    ),
    NotCompared(
        "event", "code", "code", NOBODY, "code", "an import sets it, and events are linked by it"
    ),
    NotCompared("event", "product", "product", NOBODY, "product_id", "an import chooses it"),
    NotCompared(
        "event", "remain_space", "places left", NOBODY, "remain_space", "it falls with each sale"
    ),
    NotCompared(
        "session",
        "sequence",
        "day",
        NOBODY,
        "sequence",
        "an import sets it, and sessions are linked by it",
    ),
)
