"""The shapes that the web application's tutorial tables are deployed in: February's and May's.

Since May 2026 it receives Administrate's webhooks and overwrites what Administrate is the owner of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import String
from sqlalchemy.types import TypeEngine

from ledger.tables.shapes.shape import (
    DAY,
    FLAG,
    KEY,
    MOMENT,
    NUMBER,
    SESSION_INSTRUCTORS,
    TUTORIAL_EVENTS,
    TUTORIAL_SESSIONS,
    Shape,
    ShapeColumn,
)

_STAMPS = (
    ShapeColumn("created_at", MOMENT, field="made_at"),
    ShapeColumn("updated_at", MOMENT, field="made_at", lived_on=True),
)
_EVENT = (
    ShapeColumn("code", String(100), needed=True),
    ShapeColumn("product_id", KEY, needed=True),
    ShapeColumn("remain_space", NUMBER, lived_on=True),
    *_STAMPS,
)
# Columns of May's shape that February's may have already, on the way to it.
_EVENT_DETAILS = (
    ShapeColumn("access_duration", String(100), lived_on=True),
    ShapeColumn("administrator", String(255), overwritten=True, personal=True),
    ShapeColumn("cancelled", FLAG, default=False, overwritten=True),
    ShapeColumn("course_template_id", KEY, field="bridge_template_id", overwritten=True),
    ShapeColumn("event_url", String(500), overwritten=True),
    ShapeColumn("external_id", String(64), overwritten=True),
    ShapeColumn("extra_information", String(), lived_on=True, personal=True),
    ShapeColumn("learning_mode", String(20), overwritten=True),
    ShapeColumn("lifecycle_state", String(20), overwritten=True),
    ShapeColumn("main_instructor_id", KEY, overwritten=True),
    ShapeColumn("max_places", NUMBER, overwritten=True),
    ShapeColumn("min_places", NUMBER, overwritten=True),
    ShapeColumn("ocr_moodle_code", String(100), lived_on=True),
    ShapeColumn("recording_pin", String(50), lived_on=True),
    ShapeColumn("recordings", FLAG, lived_on=True),
    ShapeColumn("registration_deadline", MOMENT, overwritten=True),
    ShapeColumn("sage_code", String(100), lived_on=True),
    ShapeColumn("session_title", String(255), lived_on=True),
    ShapeColumn("sitting", String(50), lived_on=True),
    ShapeColumn("sold_out", FLAG, field="is_soldout", overwritten=True),
    ShapeColumn("timezone", String(50), overwritten=True),
    ShapeColumn("tutors", String(255), lived_on=True, personal=True),
    ShapeColumn("virtual_classroom", String(255), lived_on=True),
    ShapeColumn("web_sale", FLAG, overwritten=True),
)
_SESSION = (
    ShapeColumn("tutorial_event_id", KEY, needed=True),
    ShapeColumn("sequence", NUMBER, needed=True),
    *_STAMPS,
)


def _owned(name: str, kind: TypeEngine[Any], *, overwritten: bool) -> ShapeColumn:
    """A column of the web application's own, or one that it takes over from Administrate."""
    default = False if kind is FLAG else None
    return ShapeColumn(
        name, kind, default=default, lived_on=not overwritten, overwritten=overwritten
    )


def _columns(*days: ShapeColumn, overwritten: bool) -> Mapping[str, tuple[ShapeColumn, ...]]:
    """The columns of each table; ``days`` are those of an event's dates."""
    places = [_owned(name, KEY, overwritten=overwritten) for name in ("venue_id", "location_id")]
    return {
        TUTORIAL_EVENTS: (
            *_EVENT,
            *places,
            _owned("is_soldout", FLAG, overwritten=overwritten),
            *days,
            *_EVENT_DETAILS,
        ),
        TUTORIAL_SESSIONS: (
            *_SESSION,
            ShapeColumn("title", String(255), needed=True, overwritten=overwritten),
            *places,
            ShapeColumn("start_date", MOMENT, needed=True, overwritten=overwritten),
            ShapeColumn("end_date", MOMENT, needed=True, overwritten=overwritten),
            _owned("url", String(500), overwritten=overwritten),
            ShapeColumn("cancelled", FLAG, default=False, overwritten=True),
        ),
        SESSION_INSTRUCTORS: (
            ShapeColumn("tutorialsessions_id", KEY, needed=True),
            ShapeColumn("tutorialinstructor_id", KEY, needed=True),
        ),
    }


FEBRUARY = Shape(
    name="2026-02",
    columns=_columns(
        ShapeColumn("finalisation_date", DAY, lived_on=True),
        ShapeColumn("start_date", DAY, needed=True),
        ShapeColumn("end_date", DAY, needed=True),
        overwritten=False,
    ),
    starts="start_date",
    product_key="id",
)
MAY = Shape(
    name="2026-05",
    columns=_columns(
        ShapeColumn("finalisation_date", MOMENT, field="finalised_at", lived_on=True),
        ShapeColumn("lms_start_date", MOMENT, field="lms_starts_at", needed=True, overwritten=True),
        ShapeColumn("lms_end_date", MOMENT, field="lms_ends_at", needed=True, overwritten=True),
        overwritten=True,
    ),
    starts="lms_start_date",
    product_key="purchasable_ptr_id",
    zone="timezone",
    template="course_template_id",
    title_is_code=True,
)
SHAPES = (FEBRUARY, MAY)
BY_NAME = {shape.name: shape for shape in SHAPES}
