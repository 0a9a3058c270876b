"""What the program needs of the web application's tables, and what it cannot do without it.

The tables that tutorial rows are made in have shapes of their own, see ``ledger.tables.shapes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen
from sqlalchemy import Connection

from ledger.database.connection import driver
from ledger.errors import DatabaseError
from ledger.migrations.shapes.found import Columns, columns_found
from ledger.tables.shapes import MAY
from ledger.tables.shapes.observed import check_fillable, tables_in

_TEXTS = frozenset({"text", "character varying", "character", "citext"})
_WHOLE = frozenset({"bigint", "integer", "smallint"})
_FLAG = frozenset({"boolean"})
_NAMES: tuple[tuple[frozenset[str], str], ...] = (
    (_TEXTS, "a text"),
    (_WHOLE, "a whole number"),
    (_FLAG, "a boolean"),
)
IMPORT = "import-events"

# Of each table the columns that are read, what they hold, and the commands that read them.
_READ: tuple[tuple[str, Mapping[str, frozenset[str]], tuple[str, ...]], ...] = (
    (
        "acted.tutorial_locations",
        {"id": _WHOLE, "name": _TEXTS, "code": _TEXTS, "is_active": _FLAG},
        ("sync locations", "sync venues", IMPORT),
    ),
    (
        "acted.tutorial_venues",
        {"id": _WHOLE, "name": _TEXTS, "location_id": _WHOLE},
        ("sync venues", IMPORT),
    ),
    (
        "acted.tutorial_instructors",
        {"id": _WHOLE, "staff_id": _WHOLE, "is_active": _FLAG},
        ("sync instructors", IMPORT),
    ),
    ("acted.staff", {"id": _WHOLE, "user_id": _WHOLE}, ("sync instructors", IMPORT)),
    (
        "public.auth_user",
        {"id": _WHOLE, "first_name": _TEXTS, "last_name": _TEXTS},
        ("sync instructors", IMPORT),
    ),
    (
        "acted.tutorial_course_templates",
        {"id": _WHOLE, "code": _TEXTS, "title": _TEXTS, "is_active": _FLAG},
        ("sync course-templates", IMPORT),
    ),
    ("acted.catalog_subjects", {"id": _WHOLE, "code": _TEXTS}, (IMPORT,)),
    ("acted.catalog_exam_sessions", {"id": _WHOLE, "session_code": _TEXTS}, (IMPORT,)),
    (
        "acted.catalog_exam_session_subjects",
        {"id": _WHOLE, "exam_session_id": _WHOLE, "subject_id": _WHOLE},
        (IMPORT,),
    ),
)
# Products, by the column that tells the two shapes apart: where it is there, and where it is not.
_MAY_SELLS: tuple[tuple[str, Mapping[str, frozenset[str]]], ...] = (
    (
        "acted.products",
        {"purchasable_ptr_id": _WHOLE, "exam_session_subject_id": _WHOLE, "product_code": _TEXTS},
    ),
    ("acted.purchasables", {"id": _WHOLE, "name": _TEXTS, "is_active": _FLAG}),
    (
        "acted.tutorial_products",
        {
            "product_ptr_id": _WHOLE,
            "format": _TEXTS,
            "tutorial_course_template_id": _WHOLE,
            "tutorial_location_id": _WHOLE,
        },
    ),
)
_FEBRUARY_SELLS: tuple[tuple[str, Mapping[str, frozenset[str]]], ...] = (
    (
        "acted.products",
        {
            "id": _WHOLE,
            "exam_session_subject_id": _WHOLE,
            "product_product_variation_id": _WHOLE,
            "product_code": _TEXTS,
            "is_active": _FLAG,
        },
    ),
    (
        "acted.catalog_product_product_variations",
        {"id": _WHOLE, "product_id": _WHOLE, "product_variation_id": _WHOLE},
    ),
    ("acted.catalog_products", {"id": _WHOLE, "fullname": _TEXTS}),
    (
        "acted.catalog_product_variations",
        {"id": _WHOLE, "variation_type": _TEXTS, "name": _TEXTS, "code": _TEXTS},
    ),
)


@frozen
class Lack:
    """A column that is missing or of another type, in words, and the commands that it stops."""

    what: str
    stops: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what}: {', '.join(self.stops)} cannot work"


def lacking(connection: Connection) -> list[Lack]:
    """What the web application's tables lack of what the program needs; none on either shape."""
    sold_as = [table for table, _ in (*_MAY_SELLS, *_FEBRUARY_SELLS)]
    there = columns_found(connection, *(table for table, *_ in _READ), *sold_as)
    sold = _MAY_SELLS if MAY.product_key in there.get("acted.products", {}) else _FEBRUARY_SELLS
    needed = (*_READ, *((table, columns, (IMPORT,)) for table, columns in sold))
    lacks = [
        Lack(what, stops)
        for table, columns, stops in needed
        for what in _lacks(table, columns, there.get(table, {}))
    ]
    try:
        tables_in(driver(connection))
        check_fillable(driver(connection))
    except DatabaseError as problem:
        lacks.append(Lack(str(problem), (IMPORT,)))
    return lacks


def _lacks(table: str, needed: Mapping[str, frozenset[str]], there: Columns) -> Iterator[str]:
    if not there:
        yield f"there is no {table}"
        return
    for name, kinds in needed.items():
        found = there.get(name)
        if found is None:
            yield f"{table}.{name} is missing"
        elif found.plain not in kinds:
            expected = next(words for known, words in _NAMES if known is kinds)
            yield f"{table}.{name} is {found.kind}, not {expected}"
