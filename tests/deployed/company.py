"""Deploying: the tables of a shape with rows in every one, the acted side of the company here.

The bridge rows beside it are in ``bridge``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import psycopg

from sync.demo import load_tutorial_rows
from sync.sandbox.company.tutorial import tutorial_rows
from tests.databases import Databases, database_name
from tests.deployed.tables import Shape, become_may, make_february

Row: TypeAlias = dict[str, Any]
Tables: TypeAlias = dict[str, list[Row]]

LONDON = ZoneInfo("Europe/London")
LOADED = datetime(2026, 1, 12, 8, 0, tzinfo=UTC)
STAMPS: Row = {"created_at": LOADED, "updated_at": LOADED}
MORE_EVENTS = 30

# What the deployed tables need beside the columns of the sandbox's rows, and which of those they
# have not.
_MORE: dict[str, Row] = {
    "public.auth_user": {
        "password": "!", "is_staff": False, "is_superuser": False, "date_joined": LOADED,
        "last_login": None,
    },
    "acted.catalog_exam_sessions": {"create_date": LOADED, "modified_date": LOADED},
    "acted.catalog_products": {"buy_both": False, "is_active": True, "description": None},
    "acted.tutorial_sessions": {"location": "as typed", "venue": None},
}  # fmt: skip
_WITHOUT_STAMPS = (
    "acted.catalog_exam_sessions",
    "acted.catalog_product_variations",
    "acted.catalog_product_product_variations",
)
# Rows of the tables that came with May's shape, and no product.
_MAY = """
INSERT INTO acted.purchasables (code, description, dynamic_pricing, is_active, is_addon, kind, name,
    vat_classification, created_at, updated_at)
VALUES ('VOUCHER-50', 'A gift', false, true, true, 'voucher', 'Voucher', 'exempt', now(), now());
INSERT INTO acted.tutorial_choices
    (choice_rank, order_item_id, student_id, tutorial_event_id, created_at, updated_at)
SELECT 1 + id % 3, id, 500 + id, id, now(), now() FROM acted.tutorial_events ORDER BY id LIMIT 6;
INSERT INTO acted.tutorial_registrations
    (is_active, student_id, tutorial_choice_id, tutorial_session_id, created_at, updated_at)
SELECT true, c.student_id, c.id, s.id, now(), now()
FROM acted.tutorial_choices c
JOIN acted.tutorial_sessions s USING (tutorial_event_id) WHERE s.sequence = 1 ORDER BY c.id;
"""
_MAY_ADM = """
INSERT INTO adm.contacts (external_id, student_id, created_at, updated_at)
SELECT 'UGVyc29uOj' || student_id, student_id, now(), now() FROM acted.tutorial_choices;
INSERT INTO adm.learners (external_id, tutorial_registration_id, created_at, updated_at)
SELECT 'TGVhcm5lcjo' || id, id, now(), now() FROM acted.tutorial_registrations;
UPDATE adm.sessions SET external_id = 'Q291cnNlOjk' || id WHERE id % 3 = 0;
"""


def deploy(
    connection: psycopg.Connection[Any], shape: Shape, *, adm: bool = True, rows: bool = True
) -> None:
    """Makes the tables of a shape in an empty database, with rows in every one unless said.

    May's rows are February's as the web application's migrations carry them over, and some in its
    new tables.
    """
    from tests.deployed.bridge import bridge  # noqa: PLC0415 - it is made of these rows

    make_february(connection, adm=adm)
    if rows:
        acted = company()
        load_tutorial_rows(connection, acted.items())
        if adm:
            load_tutorial_rows(connection, bridge(acted).items())
    if shape == "may":
        become_may(connection)
        if rows:
            connection.execute(_MAY + (_MAY_ADM if adm else ""))
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def deployed_template(databases: Databases, shape: Shape, *, adm: bool = True) -> Iterator[str]:
    """The name of a deployed database that nobody is connected to, to copy with ``fresh``."""
    with databases.fresh() as url:
        with psycopg.connect(url) as connection:
            deploy(connection, shape, adm=adm)
        yield database_name(url)


def company() -> Tables:
    """The rows of acted and of public.auth_user in February's shape, by table."""
    tables: Tables = {name: [dict(row) for row in rows] for name, rows in tutorial_rows().items()}
    # Of a pair of subject and variation the deployed table sells one a sitting, withdrawn or not.
    sold = tables["acted.products"]
    tables["acted.products"] = [one for one in sold if "withdrawn" not in str(one["product_code"])]
    _sell_marking(tables)
    _hold_more_events(tables)
    for name, rows in tables.items():
        for row in rows:
            row.update(_MORE.get(name, {}))
            if name in _WITHOUT_STAMPS:
                for stamp in STAMPS:
                    row.pop(stamp, None)
    return tables


def by_id(rows: Sequence[Row]) -> Mapping[int, Row]:
    return {row["id"]: row for row in rows}


def _next(rows: Sequence[Row]) -> int:
    return 1 + max(int(row["id"]) for row in rows)


def _sell_marking(tables: Tables) -> None:
    """Marking is sold beside tutorials and materials."""
    variations = tables["acted.catalog_product_variations"]
    products = tables["acted.catalog_products"]
    pairs = tables["acted.catalog_product_product_variations"]
    variation = {"id": _next(variations), "variation_type": "Marking", "name": "Marking"}
    variations.append({**variation, "code": "M"})
    product = {"id": _next(products), "fullname": "Series X Marking", "shortname": "Series X"}
    products.append({**product, "code": "X", **STAMPS})
    pair = {"product_id": product["id"], "product_variation_id": variation["id"]}
    pairs.append({"id": _next(pairs), **pair})
    sold = tables["acted.products"]
    first = {"id": _next(sold), "exam_session_subject_id": 1, "is_active": True, **STAMPS}
    code = {"product_code": "CB1/MX/2025-09", "product_product_variation_id": pairs[-1]["id"]}
    sold.append({**first, **code})


def _hold_more_events(tables: Tables) -> None:
    """Events of two days in April, final at one of the days of June each."""
    events, sessions = tables["acted.tutorial_events"], tables["acted.tutorial_sessions"]
    teaching = tables["acted.tutorial_session_instructors"]
    sold = _tutorials_sold(tables)
    for number in range(MORE_EVENTS):
        product, subject = sold[number * 7 % len(sold)]
        place = tables["acted.tutorial_venues"][number % 4]
        places = {"venue_id": place["id"], "location_id": place["location_id"]}
        title = f"OLD-{subject}-{number + 1:02}-26A"
        first = date(2026, 3, 2) + timedelta(days=number)
        event = {
            "id": _next(events),
            "code": title,
            **places,
            "is_soldout": number % 5 == 0,
            "finalisation_date": date(2026, 6, number + 1),
            "remain_space": number,
            "start_date": first - timedelta(days=14),
            "end_date": first + timedelta(days=30),
            "product_id": product["id"],
            **STAMPS,
        }
        events.append(event)
        for sequence in (1, 2):
            # On either side of the change of the clocks on 29 March.
            day = first + timedelta(days=14 * (sequence - 1))
            session = {
                "id": _next(sessions),
                "tutorial_event_id": event["id"],
                "title": f"{title}-{sequence}",
                **places,
                "start_date": datetime.combine(day, time(9, 30), LONDON),
                "end_date": datetime.combine(day, time(17), LONDON),
                "sequence": sequence,
                "url": None if number % 2 else f"https://meet.example/{title}-{sequence}",
                **STAMPS,
            }
            sessions.append(session)
            tutor = 1 + number % 5
            pair = {"tutorialsessions_id": session["id"], "tutorialinstructor_id": tutor}
            teaching.append({"id": _next(teaching), **pair})


def _tutorials_sold(tables: Tables) -> list[tuple[Row, str]]:
    """The tutorials of the sitting of April 2026, each with its subject's code."""
    variations = by_id(tables["acted.catalog_product_variations"])
    pairs = by_id(tables["acted.catalog_product_product_variations"])
    offered = by_id(tables["acted.catalog_exam_session_subjects"])
    subjects = by_id(tables["acted.catalog_subjects"])
    return [
        (one, subjects[offered[one["exam_session_subject_id"]]["subject_id"]]["code"])
        for one in tables["acted.products"]
        if one["product_code"].endswith("/2026-04")
        and variations[pairs[one["product_product_variation_id"]]["product_variation_id"]][
            "variation_type"
        ]
        == "Tutorial"
    ]
