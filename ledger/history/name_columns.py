"""The columns that name records, and the SQL to look records up by name or key."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.schema import adm

# The columns of each table whose values, joined by spaces, are the display name.
NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "adm.custom_fields": (("r.label",),),
    "adm.pricelevels": (("r.name",),),
    "adm.locations": (("r.name",), ("r.code",)),
    "adm.venues": (("r.name",),),
    "adm.instructors": (("r.first_name", "r.last_name"),),
    "adm.course_templates": (("r.code",), ("r.title",)),
    "adm.events": (("r.title",),),
    "adm.sessions": (("r.title",),),
    "acted.tutorial_course_templates": (("r.code",), ("r.title",)),
    "acted.tutorial_locations": (("r.name",), ("r.code",)),
    "acted.tutorial_venues": (("r.name",),),
    "acted.tutorial_instructors": (("u.first_name", "u.last_name"),),
    "acted.tutorial_events": (("r.code",),),
    "acted.tutorial_sessions": (("r.title",),),
}
JOINS = {
    "acted.tutorial_instructors": (
        " LEFT JOIN acted.staff s ON s.id = r.staff_id"
        " LEFT JOIN public.auth_user u ON u.id = s.user_id"
    )
}


def joined(columns: tuple[str, ...]) -> str:
    """A name made of several columns, in SQL."""
    return f"concat_ws(' ', {', '.join(columns)})"


def key_of(table: str) -> str:
    """The ledger's key for row ``r`` of a table, in SQL."""
    return adm.key_expression(table, "r") if table in adm.BY_NAME else "r.id::text"


def keyed(table: str, keys: Iterable[str]) -> tuple[str, dict[str, object]]:
    """An indexable condition on row ``r`` of a table, with its bound values: the row has one of
    these ledger keys, or one of them as its primary key. May match more rows than meant."""
    given = list(keys)
    numbers = [key.removeprefix("id=") for key in given]
    # A primary key is a bigint.
    ids = [int(one) for one in numbers if one.isdecimal() and len(one) < 19]
    if table not in adm.BY_NAME:
        return "r.id = ANY(%(ids)s)", {"ids": ids}
    external = given
    if adm.BY_NAME[table] is adm.CUSTOM_FIELDS:
        external = [key.partition(":")[2] for key in given]
    condition = "(r.external_id = ANY(%(external)s) OR r.id = ANY(%(ids)s))"
    return condition, {"ids": ids, "external": external}
