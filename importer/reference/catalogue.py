"""Reads the tutorials of the catalogue in any of its shapes.

A shape is recognised by its columns. Each is declared once: its columns, its query, and the mapping
of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, text

from importer.reference.values import Product
from importer.workbook.template import parts_of
from ledger.errors import AdmsyncError
from ledger.events import record_name

_SITTINGS = """
JOIN acted.catalog_exam_session_subjects es ON es.id = p.exam_session_subject_id
JOIN acted.catalog_exam_sessions e ON e.id = es.exam_session_id
JOIN acted.catalog_subjects s ON s.id = es.subject_id
"""
_SITTING_COLUMNS = {
    "catalog_exam_session_subjects": {"id", "exam_session_id", "subject_id"},
    "catalog_exam_sessions": {"id", "session_code"},
    "catalog_subjects": {"id", "code"},
}
_SITTING_FLAGS = (
    ("es", "catalog_exam_session_subjects", "is_active"),
    ("e", "catalog_exam_sessions", "is_active"),
    ("s", "catalog_subjects", "active"),
)
_ONLINE_CLASSROOM = "oc"
_COLUMNS = """
SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = to_regnamespace('acted') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND a.attnum > 0 AND NOT a.attisdropped
"""

Columns = Mapping[str, set[str]]
"""The columns of each table of ``acted``."""


@frozen
class CatalogueShape:
    """A shape of the catalogue: the columns it needs, the query and the mapping of its rows.

    ``flags`` (alias, table, column) say whether a row is on sale, each where its column is there.
    """

    name: str
    needs: Columns
    query: str
    flags: tuple[tuple[str, str, str], ...]
    product: Callable[[Any], Product]

    def missing(self, found: Columns) -> list[str]:
        """The needed columns that the database lacks."""
        return sorted(
            f"acted.{table}.{column}"
            for table, columns in self.needs.items()
            for column in columns - found.get(table, set())
        )

    def read(self, connection: Connection, found: Columns) -> list[tuple[bool, Product]]:
        """Every tutorial, and whether it is on sale, by its key."""
        flags = [
            f"{alias}.{column}"
            for alias, table, column in self.flags
            if column in found.get(table, set())
        ]
        query = self.query.format(active=" AND ".join(flags) or "true")
        return [(row.active, self.product(row)) for row in connection.execute(text(query))]


def read_tutorials(connection: Connection) -> tuple[tuple[Product, ...], tuple[Product, ...]]:
    """The tutorials on sale, and those not on sale, each by their keys.

    Raises ``AdmsyncError`` where the catalogue's shape is unknown.
    """
    columns: dict[str, set[str]] = {}
    for table, column in connection.execute(text(_COLUMNS)):
        columns.setdefault(table, set()).add(column)
    shape = next((one for one in SHAPES if not one.missing(columns)), None)
    if shape is None:
        lacking = "; ".join(f"{one.name}: {', '.join(one.missing(columns))}" for one in SHAPES)
        raise AdmsyncError(
            "the products of the catalogue cannot be read; of each shape that it is known in,"
            f" these columns are missing: {lacking}"
        )
    read = shape.read(connection, columns)
    on_sale = tuple(product for active, product in read if active)
    return on_sale, tuple(product for active, product in read if not active)


def _of_variation(row: Any) -> Product:
    names = (row.variation_code or "", row.variation_name or "")
    return Product(
        row.id,
        row.code,
        row.subject,
        row.session_code,
        row.fullname or "",
        row.shortname or "",
        *names,
        anywhere=any(_ONLINE_CLASSROOM in parts_of(name) for name in names),
        meaning={
            "subject": row.subject,
            "product": record_name("acted.catalog_products", row.product),
            "variation": record_name("acted.catalog_product_variations", row.variation),
        },
    )


def _of_format(row: Any) -> Product:
    location = row.location_id
    place = "" if location is None else record_name("acted.tutorial_locations", location)
    return Product(
        row.id,
        row.code,
        row.subject,
        row.session_code,
        row.name or "",
        variation_code=row.format or "",
        template_id=row.template_id,
        location_id=location,
        anywhere=location is None,
        meaning={
            "subject": row.subject,
            "format": row.format or "",
            "location": place,
        },
    )


TUTORIAL_PRODUCTS = CatalogueShape(
    "tutorial products",
    {
        **_SITTING_COLUMNS,
        "purchasables": {"id", "code", "name"},
        "products": {"purchasable_ptr_id", "exam_session_subject_id"},
        "tutorial_products": {
            "product_ptr_id",
            "format",
            "tutorial_course_template_id",
            "tutorial_location_id",
        },
    },
    f"""
SELECT q.id, q.code, s.code AS subject, e.session_code, {{active}} AS active, q.name, t.format,
       t.tutorial_course_template_id AS template_id, t.tutorial_location_id AS location_id
FROM acted.tutorial_products t
JOIN acted.products p ON p.purchasable_ptr_id = t.product_ptr_id
JOIN acted.purchasables q ON q.id = p.purchasable_ptr_id
{_SITTINGS}
ORDER BY q.id
""",
    (("q", "purchasables", "is_active"), *_SITTING_FLAGS),
    _of_format,
)
PRODUCT_VARIATIONS = CatalogueShape(
    "product variations",
    {
        **_SITTING_COLUMNS,
        "products": {
            "id",
            "product_code",
            "exam_session_subject_id",
            "product_product_variation_id",
        },
        "catalog_product_product_variations": {"id", "product_id", "product_variation_id"},
        "catalog_products": {"id", "fullname", "shortname"},
        "catalog_product_variations": {"id", "variation_type", "code", "name"},
    },
    f"""
SELECT p.id, p.product_code AS code, s.code AS subject, e.session_code, {{active}} AS active,
       c.id AS product, c.fullname, c.shortname,
       v.id AS variation, v.code AS variation_code, v.name AS variation_name
FROM acted.products p
JOIN acted.catalog_product_product_variations cv ON cv.id = p.product_product_variation_id
JOIN acted.catalog_products c ON c.id = cv.product_id
JOIN acted.catalog_product_variations v ON v.id = cv.product_variation_id
{_SITTINGS}
WHERE lower(trim(v.variation_type)) = 'tutorial'
ORDER BY p.id
""",
    (
        ("p", "products", "is_active"),
        ("c", "catalog_products", "is_active"),
        *_SITTING_FLAGS,
    ),
    _of_variation,
)
SHAPES = (TUTORIAL_PRODUCTS, PRODUCT_VARIATIONS)
"""The newest first."""
