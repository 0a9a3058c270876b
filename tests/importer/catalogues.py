"""Catalogues in both shapes that are deployed: made in a database of their own from one list."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TypeVar

from attrs import frozen
from sqlalchemy import Connection, text

from tests.importer.workbooks import SHARED

SHARED_CATALOGUE = SHARED.parent / "deployed" / "catalogue-2026A.json"

_T = TypeVar("_T")
_SITTINGS = """
CREATE SCHEMA IF NOT EXISTS acted;
CREATE TABLE acted.catalog_subjects (id bigint PRIMARY KEY, code varchar(10), active boolean);
CREATE TABLE acted.catalog_exam_sessions (id bigint PRIMARY KEY, session_code varchar(50){active});
CREATE TABLE acted.catalog_exam_session_subjects (
  id bigint PRIMARY KEY, exam_session_id bigint, subject_id bigint, is_active boolean);
"""
_FEBRUARY = """
CREATE TABLE acted.catalog_products (
  id bigint PRIMARY KEY, fullname varchar(255), shortname varchar(100), is_active boolean);
CREATE TABLE acted.catalog_product_variations (
  id bigint PRIMARY KEY, variation_type varchar(32), name varchar(64), code varchar(50));
CREATE TABLE acted.catalog_product_product_variations (
  id bigint PRIMARY KEY, product_id bigint, product_variation_id bigint);
CREATE TABLE acted.products (
  id bigint PRIMARY KEY, exam_session_subject_id bigint, product_product_variation_id bigint,
  product_code varchar(64), is_active boolean);
"""
_MAY = """
CREATE TABLE acted.tutorial_locations (id bigint PRIMARY KEY, name varchar(255));
CREATE TABLE acted.purchasables (
  id bigint PRIMARY KEY, kind varchar(32), code varchar(64), name varchar(255), is_active boolean);
CREATE TABLE acted.products (
  purchasable_ptr_id bigint PRIMARY KEY, exam_session_subject_id bigint, product_code varchar(64));
CREATE TABLE acted.tutorial_products (
  product_ptr_id bigint PRIMARY KEY, format varchar(16), tutorial_course_template_id bigint,
  tutorial_location_id bigint);
"""
SHAPES = ("February", "May")


@frozen
class Sold:
    """Something on sale. ``template`` and ``location`` are what May's shape says of a tutorial."""

    code: str
    subject: str
    product: str
    variation: str
    kind: str = "Tutorial"
    session: str = "2026-04"
    template: str | None = None
    location: str | None = None
    active: bool = True


OWN = (
    Sold("CB1/Liv/LO_6B/26", "CB1", "Tutorial - Live online", "LO_6B", template="CB1_LO_6",
         location="Live online"),
    Sold("CB1/Liv/LO_6H/26", "CB1", "Tutorial - Live online", "LO_6H", template="CB1_LO_6",
         location="Live online"),
    Sold("CB1/Liv/LO_10H/26", "CB1", "Tutorial - Live online", "LO_10H", template="CB1_LO_10",
         location="Live online"),
    Sold("CB1/Lon/F2F_3F/26", "CB1", "Tutorial - London", "F2F_3F", template="CB1_f2f_3",
         location="London"),
    Sold("CB1/And/F2F_3F/26", "CB1", "Tutorial - St Andrews", "F2F_3F", template="CB1_f2f_3",
         location="St Andrews"),
    Sold("CB1/Der/F2F_3F/26", "CB1", "Tutorial - Londonderry", "F2F_3F", template="CB1_f2f_3",
         location="Londonderry"),
    Sold("CB1/Onl/OC/26", "CB1", "Tutorial - Online", "OC"),
    Sold("CB1/E/26", "CB1", "Course Notes - London", "E", kind="eBook"),
    Sold("CB1/P/26", "CB1", "Course Notes - London", "P", kind="Printed"),
    Sold("CM2/Lon/F2F_1PD/26", "CM2", "Tutorial - London", "F2F_1PD", location="London"),
    Sold("CM2/Lon/old/26", "CM2", "Tutorial - London", "CM2_f2f_5", location="London"),
    Sold("SP9/E/26", "SP9", "Course Notes", "E", kind="eBook"),
    Sold("CB1/Lon/F2F_3F/25S", "CB1", "Tutorial - London", "F2F_3F", session="25S",
         template="CB1_f2f_3", location="London"),
    Sold("CM2/Lon/F2F_6F/26", "CM2", "Tutorial - London", "F2F_6F", template="CM2_f2f_6",
         location="London", active=False),
)  # fmt: skip
"""A catalogue of our own: eBooks, printed notes and tutorials, two of a template and a place, one
that is not on sale, one of an older sitting."""


def shared_catalogue() -> list[Sold]:
    """The catalogue made for the shared workbook."""
    held = json.loads(SHARED_CATALOGUE.read_text(encoding="utf-8"))
    more = {one["code"]: one for one in held["may"]}
    return [
        Sold(
            one["code"],
            one["subject"],
            one["product"],
            one["variation"],
            one["variation_type"],
            held["exam_session"],
            more.get(one["code"], {}).get("template"),
            more.get(one["code"], {}).get("location"),
        )
        for one in held["february"]
    ]


def make_catalogue(
    connection: Connection,
    shape: str,
    sold: Sequence[Sold],
    *,
    templates: dict[str, int],
    locations: dict[str, int],
) -> None:
    """Makes the tables of a shape and fills them; a product's key is its place in the list."""
    active = ", is_active boolean DEFAULT true" if shape == "May" else ""
    connection.execute(text(_SITTINGS.format(active=active)))
    connection.execute(text(_FEBRUARY if shape == "February" else _MAY))
    subjects = _numbered(one.subject for one in sold)
    sessions = _numbered(one.session for one in sold)
    pairs = _numbered((one.session, one.subject) for one in sold)
    _fill(connection, "catalog_subjects", [(n, code, True) for code, n in subjects.items()])
    _fill(connection, "catalog_exam_sessions", [(n, code) for code, n in sessions.items()])
    _fill(
        connection,
        "catalog_exam_session_subjects",
        [(n, sessions[session], subjects[s], True) for (session, s), n in pairs.items()],
    )
    numbered = list(enumerate(sold, start=1))
    if shape == "February":
        products = _numbered(one.product for one in sold)
        variations = _numbered((one.kind, one.variation) for one in sold)
        joined = _numbered((one.product, (one.kind, one.variation)) for one in sold)
        _fill(connection, "catalog_products", [(n, name, "", True) for name, n in products.items()])
        _fill(
            connection,
            "catalog_product_variations",
            [(n, kind, name, name) for (kind, name), n in variations.items()],
        )
        _fill(
            connection,
            "catalog_product_product_variations",
            [(n, products[name], variations[v]) for (name, v), n in joined.items()],
        )
        _fill(
            connection,
            "products",
            [
                (
                    n,
                    pairs[one.session, one.subject],
                    joined[one.product, (one.kind, one.variation)],
                    one.code,
                    one.active,
                )
                for n, one in numbered
            ],
        )
        return
    _fill(connection, "tutorial_locations", [(n, name) for name, n in locations.items()])
    _fill(
        connection,
        "purchasables",
        [(n, one.kind.lower(), one.code, one.product, one.active) for n, one in numbered],
    )
    _fill(
        connection,
        "products",
        [(n, pairs[one.session, one.subject], one.code) for n, one in numbered],
    )
    _fill(
        connection,
        "tutorial_products",
        [
            (n, one.variation, _of(templates, one.template), _of(locations, one.location))
            for n, one in numbered
            if one.kind == "Tutorial"
        ],
    )


def _of(keys: dict[str, int], name: str | None) -> int | None:
    return None if name is None else keys[name]


def _numbered(them: Iterable[_T]) -> dict[_T, int]:
    return {one: number for number, one in enumerate(dict.fromkeys(them), start=1)}


def _fill(connection: Connection, table: str, rows: list[tuple[object, ...]]) -> None:
    for row in rows:
        names = {f"v{place}": value for place, value in enumerate(row)}
        places = ", ".join(f":{name}" for name in names)
        connection.execute(text(f"INSERT INTO acted.{table} VALUES ({places})"), names)
