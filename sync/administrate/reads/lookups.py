"""Records searched by a value, and the few queries that answer with one record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sync.administrate.answers.reading import text_at
from sync.administrate.client import Administrate
from sync.administrate.errors import Malformed, SchemaMismatch
from sync.administrate.reads.listings import Listing, Record, nodes
from sync.administrate.reads.pages import all_pages
from sync.administrate.reads.passes import Shifted
from sync.administrate.reads.queries import (
    ADMINISTRATORS,
    APPROVED_INSTRUCTORS,
    CONTACTS,
    EVENTS,
    VIEWER,
    Filter,
    where,
)

Records = tuple[Record, ...]

_VALUES_A_FILTER = 200


def find_all(
    client: Administrate, listing: Listing, variables: Mapping[str, Any] | None = None
) -> Records:
    """Every record of a list small enough to hold.

    Malformed where the list would not hold still, or any record of it is not what the schema says:
    it may be the one looked for.
    """
    try:
        pages = all_pages(client, listing, variables)
    except Shifted as shift:
        raise Malformed(listing.operation, f"the list keeps changing: {shift}") from None
    for one in (refused for page in pages for refused in page.refused):
        raise SchemaMismatch(listing.operation, f"record {one.id}: {one.why}")
    return tuple(record for page in pages for record in page.records)


def find_among(
    client: Administrate, listing: Listing, field: str, values: Iterable[str]
) -> Iterator[Record]:
    """The records whose field may be any of the values, 200 values a request.

    Whether the API minds case is not known; the caller compares again.
    """
    waiting = iter(sorted(set(values)))
    while part := tuple(islice(waiting, _VALUES_A_FILTER)):
        yield from find_all(client, listing, where(Filter(field, "in", part)))


def approved_instructors(
    client: Administrate, course_template_ids: Iterable[str]
) -> dict[str, frozenset[str]]:
    """The ids of the contacts approved for each of these course templates, by the template's id."""
    return {
        template["id"]: frozenset(str(one["id"]) for one in nodes(template, "approvedInstructors"))
        for template in find_among(client, APPROVED_INSTRUCTORS, "id", course_template_ids)
    }


def events_by_id(client: Administrate, ids: Iterable[str]) -> Records:
    """Those of the events that exist."""
    return tuple(find_among(client, EVENTS, "id", ids))


def administrators(client: Administrate) -> Records:
    """Every contact who may administer events; few, so a name is best sought among them here."""
    return find_all(client, CONTACTS, ADMINISTRATORS)


def viewer(client: Administrate) -> str:
    """The e-mail address of the user on whose behalf every call is made."""
    return client.call(
        VIEWER, {}, lambda data: text_at(VIEWER, data, "viewer", "user", "email")
    ).value
