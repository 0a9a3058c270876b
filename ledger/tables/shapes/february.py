"""The tutorial tables as the web application had them in February 2026."""

from __future__ import annotations

from sqlalchemy import String

from ledger.tables.shapes.columns import (
    EVENT,
    EVENT_DETAILS,
    SESSION,
    SESSION_DETAILS,
    SESSION_INSTRUCTOR,
)
from ledger.tables.shapes.shape import (
    DAY,
    FLAG,
    KEY,
    MOMENT,
    SESSION_INSTRUCTORS,
    TUTORIAL_EVENTS,
    TUTORIAL_SESSIONS,
    Held,
    Shape,
)

FEBRUARY = Shape(
    name="2026-02",
    columns={
        TUTORIAL_EVENTS: (
            *EVENT,
            Held("venue_id", KEY, lived_on=True),
            Held("location_id", KEY, lived_on=True),
            Held("is_soldout", FLAG, otherwise=False, lived_on=True),
            Held("finalisation_date", DAY, lived_on=True),
            Held("start_date", DAY, needed=True),
            Held("end_date", DAY, needed=True),
            *EVENT_DETAILS,
        ),
        TUTORIAL_SESSIONS: (
            *SESSION,
            Held("title", String(255), needed=True),
            Held("venue_id", KEY, lived_on=True),
            Held("location_id", KEY, lived_on=True),
            Held("start_date", MOMENT, needed=True),
            Held("end_date", MOMENT, needed=True),
            Held("url", String(500), lived_on=True),
            *SESSION_DETAILS,
        ),
        SESSION_INSTRUCTORS: SESSION_INSTRUCTOR,
    },
    starts="start_date",
    product_key="id",
)
