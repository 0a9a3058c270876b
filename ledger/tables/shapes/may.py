"""The tutorial tables as the web application has them since May 2026.

It receives Administrate's webhooks and overwrites what Administrate is the owner of.
"""

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
    FLAG,
    KEY,
    MOMENT,
    SESSION_INSTRUCTORS,
    TUTORIAL_EVENTS,
    TUTORIAL_SESSIONS,
    Held,
    Shape,
)

MAY = Shape(
    name="2026-05",
    columns={
        TUTORIAL_EVENTS: (
            *EVENT,
            Held("venue_id", KEY, overwritten=True),
            Held("location_id", KEY, overwritten=True),
            Held("is_soldout", FLAG, otherwise=False, overwritten=True),
            Held("finalisation_date", MOMENT, of="finalised_at", lived_on=True),
            Held("lms_start_date", MOMENT, of="lms_starts_at", needed=True, overwritten=True),
            Held("lms_end_date", MOMENT, of="lms_ends_at", needed=True, overwritten=True),
            *EVENT_DETAILS,
        ),
        TUTORIAL_SESSIONS: (
            *SESSION,
            Held("title", String(255), needed=True, overwritten=True),
            Held("venue_id", KEY, overwritten=True),
            Held("location_id", KEY, overwritten=True),
            Held("start_date", MOMENT, needed=True, overwritten=True),
            Held("end_date", MOMENT, needed=True, overwritten=True),
            Held("url", String(500), overwritten=True),
            *SESSION_DETAILS,
        ),
        SESSION_INSTRUCTORS: SESSION_INSTRUCTOR,
    },
    starts="lms_start_date",
    product_key="purchasable_ptr_id",
    zone="timezone",
    template="course_template_id",
    title_is_code=True,
)
