"""A person's choice of the product that events of a template, a sitting and a place are sold as."""

from __future__ import annotations

from sqlalchemy import Connection, text

from importer.tutorial_reference import PRODUCT_FIELDS
from ledger.errors import UsageRefused
from ledger.events import DecisionTaken, record_name


def product_decision(
    connection: Connection, code: str, sitting: str, location: str, product: str, reason: str
) -> DecisionTaken:
    """The decision as an event. ``product`` is a product's code or primary key.

    Raises ``UsageRefused`` where there is no such template, location or active product.
    """
    template = _one(
        connection,
        "SELECT id FROM acted.tutorial_course_templates WHERE lower(code) = lower(:typed)",
        code,
        "course template of that code",
    )
    _one(
        connection,
        "SELECT id FROM acted.tutorial_locations WHERE lower(name) = lower(:typed)",
        location,
        "tutorial location of that name",
    )
    chosen = _one(
        connection,
        "SELECT id FROM acted.products WHERE is_active"
        " AND (lower(product_code) = lower(:typed) OR id::text = :typed)",
        product,
        "active product of that code or id",
    )
    return DecisionTaken(
        decision="product",
        table="acted.products",
        subject=record_name("acted.tutorial_course_templates", template),
        object=record_name("acted.products", chosen),
        reason=reason,
        fields=dict(zip(PRODUCT_FIELDS, (code, sitting, location), strict=True)),
    )


def _one(connection: Connection, query: str, typed: str, what: str) -> int:
    found = connection.execute(text(query), {"typed": typed}).scalars().all()
    if len(found) != 1:
        raise UsageRefused(f"{'several' if found else 'no'} {what}: {typed!r}")
    return int(found[0])
