"""The columns that the program cannot do without, and the commands that a missing one stops.

Rows are made in tables with shapes of their own, see ``ledger.tables.shapes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import DatabaseError
from ledger.tables.database_columns import Columns, database_columns
from ledger.tables.shapes.deployed import MAY
from ledger.tables.shapes.observed import check_fillable

IMPORT = "import-events"
# In words, and the types that hold one.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "a text": ("text", "character varying", "character", "citext"),
    "a whole number": ("bigint", "integer", "smallint"),
    "a boolean": ("boolean",),
}


@frozen
class _Read:
    """The columns of a table that commands read, separated by spaces."""

    table: str
    numbers: str
    texts: str = ""
    booleans: str = ""
    commands: tuple[str, ...] = (IMPORT,)

    def columns(self) -> Iterator[tuple[str, str]]:
        """Each column with the kind of its values."""
        for names, kind in zip((self.texts, self.numbers, self.booleans), _KINDS, strict=True):
            yield from ((name, kind) for name in names.split())


_SESSIONS = ("sync sessions",)
_INSTRUCTORS, _VENUES = ("sync instructors", IMPORT), ("sync venues", IMPORT)
_READ = (
    _Read("acted.tutorial_locations", "id", "name code", "is_active", ("sync locations", *_VENUES)),
    _Read("acted.tutorial_venues", "id location_id", "name", commands=_VENUES),
    _Read("acted.tutorial_instructors", "id staff_id", booleans="is_active", commands=_INSTRUCTORS),
    _Read("acted.staff", "id user_id", commands=_INSTRUCTORS),
    _Read("public.auth_user", "id", "first_name last_name", commands=_INSTRUCTORS),
    _Read(
        "acted.tutorial_course_templates",
        "id",
        "code title",
        "is_active",
        ("sync course-templates", IMPORT),
    ),
    _Read("acted.tutorial_events", "id product_id", "code", commands=("sync events", *_SESSIONS)),
    _Read("acted.tutorial_sessions", "id tutorial_event_id sequence", commands=_SESSIONS),
    _Read("acted.catalog_subjects", "id", "code", commands=("sync events", IMPORT)),
    _Read("acted.catalog_exam_sessions", "id", "session_code"),
    _Read("acted.catalog_exam_session_subjects", "id exam_session_id subject_id"),
)
# Products, by the column that tells the two shapes apart: where it is there, and where it is not.
_MAY_PRODUCTS = (
    _Read("acted.products", "purchasable_ptr_id exam_session_subject_id", "product_code"),
    _Read("acted.purchasables", "id", "name", "is_active"),
    _Read(
        "acted.tutorial_products",
        "product_ptr_id tutorial_course_template_id tutorial_location_id",
        "format",
    ),
)
_FEBRUARY_PRODUCTS = (
    _Read(
        "acted.products",
        "id exam_session_subject_id product_product_variation_id",
        "product_code",
        "is_active",
    ),
    _Read("acted.catalog_product_product_variations", "id product_id product_variation_id"),
    _Read("acted.catalog_products", "id", "fullname"),
    _Read("acted.catalog_product_variations", "id", "variation_type name code"),
)


def unmet_requirements(connection: Connection) -> list[str]:
    """The columns of the web application's tables that are missing, of another type or not to be
    filled, each with the commands that it stops; none on either deployed shape."""
    reader = driver(connection)
    every = (*_READ, *_MAY_PRODUCTS, *_FEBRUARY_PRODUCTS)
    present = database_columns(reader, [one.table for one in every])
    in_may = MAY.product_key in present.get("acted.products", {})
    unmet = [
        f"{problem}: {', '.join(one.commands)} cannot work"
        for one in (*_READ, *(_MAY_PRODUCTS if in_may else _FEBRUARY_PRODUCTS))
        for problem in _problems(one, present.get(one.table, {}))
    ]
    try:
        check_fillable(reader)
    except DatabaseError as problem:
        unmet.append(f"{problem}: {IMPORT} cannot work")
    return unmet


def _problems(read: _Read, present: Columns) -> Iterator[str]:
    if not present:
        yield f"there is no {read.table}"
        return
    for name, kind in read.columns():
        column = present.get(name)
        if column is None:
            yield f"{read.table}.{name} is missing"
        elif column.plain not in _KINDS[kind]:
            yield f"{read.table}.{name} is {column.kind}, not {kind}"
