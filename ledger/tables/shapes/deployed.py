"""The shapes that the web application's tutorial tables are deployed in: February's and May's.

Since May 2026 it receives Administrate's webhooks and overwrites what Administrate is the owner of.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.schema.declared import BIGINT, BOOLEAN, DATE, INTEGER, MOMENT
from ledger.tables.shapes.shape import (
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
    ShapeColumn("code", "character varying(100)", needed=True),
    ShapeColumn("product_id", BIGINT, needed=True),
    ShapeColumn("remain_space", INTEGER, lived_on=True),
    *_STAMPS,
)
# Columns of May's shape that February's may have already, on the way to it.
_EVENT_DETAILS = (
    ShapeColumn("access_duration", "character varying(100)", lived_on=True),
    ShapeColumn("administrator", "character varying(255)", overwritten=True, personal=True),
    ShapeColumn("cancelled", BOOLEAN, default=False, overwritten=True),
    ShapeColumn("course_template_id", BIGINT, field="bridge_template_id", overwritten=True),
    ShapeColumn("event_url", "character varying(500)", overwritten=True),
    ShapeColumn("external_id", "character varying(64)", overwritten=True),
    ShapeColumn("extra_information", "character varying", lived_on=True, personal=True),
    ShapeColumn("learning_mode", "character varying(20)", overwritten=True),
    ShapeColumn("lifecycle_state", "character varying(20)", overwritten=True),
    ShapeColumn("main_instructor_id", BIGINT, overwritten=True),
    ShapeColumn("max_places", INTEGER, overwritten=True),
    ShapeColumn("min_places", INTEGER, overwritten=True),
    ShapeColumn("ocr_moodle_code", "character varying(100)", lived_on=True),
    ShapeColumn("recording_pin", "character varying(50)", lived_on=True),
    ShapeColumn("recordings", BOOLEAN, lived_on=True),
    ShapeColumn("registration_deadline", MOMENT, overwritten=True),
    ShapeColumn("sage_code", "character varying(100)", lived_on=True),
    ShapeColumn("session_title", "character varying(255)", lived_on=True),
    ShapeColumn("sitting", "character varying(50)", lived_on=True),
    ShapeColumn("sold_out", BOOLEAN, field="is_soldout", overwritten=True),
    ShapeColumn("timezone", "character varying(50)", overwritten=True),
    ShapeColumn("tutors", "character varying(255)", lived_on=True, personal=True),
    ShapeColumn("virtual_classroom", "character varying(255)", lived_on=True),
    ShapeColumn("web_sale", BOOLEAN, overwritten=True),
)
_SESSION = (
    ShapeColumn("tutorial_event_id", BIGINT, needed=True),
    ShapeColumn("sequence", INTEGER, needed=True),
    *_STAMPS,
)


def _owned(name: str, kind: str, *, overwritten: bool) -> ShapeColumn:
    """A column of the web application's own, or one that it takes over from Administrate."""
    default = False if kind == BOOLEAN else None
    return ShapeColumn(
        name, kind, default=default, lived_on=not overwritten, overwritten=overwritten
    )


def _columns(*days: ShapeColumn, overwritten: bool) -> Mapping[str, tuple[ShapeColumn, ...]]:
    """The columns of each table; ``days`` are those of an event's dates."""
    places = [_owned(name, BIGINT, overwritten=overwritten) for name in ("venue_id", "location_id")]
    return {
        TUTORIAL_EVENTS: (
            *_EVENT,
            *places,
            _owned("is_soldout", BOOLEAN, overwritten=overwritten),
            *days,
            *_EVENT_DETAILS,
        ),
        TUTORIAL_SESSIONS: (
            *_SESSION,
            ShapeColumn("title", "character varying(255)", needed=True, overwritten=overwritten),
            *places,
            ShapeColumn("start_date", MOMENT, needed=True, overwritten=overwritten),
            ShapeColumn("end_date", MOMENT, needed=True, overwritten=overwritten),
            _owned("url", "character varying(500)", overwritten=overwritten),
            ShapeColumn("cancelled", BOOLEAN, default=False, overwritten=True),
        ),
        SESSION_INSTRUCTORS: (
            ShapeColumn("tutorialsessions_id", BIGINT, needed=True),
            ShapeColumn("tutorialinstructor_id", BIGINT, needed=True),
        ),
    }


FEBRUARY = Shape(
    name="2026-02",
    columns=_columns(
        ShapeColumn("finalisation_date", DATE, lived_on=True),
        ShapeColumn("start_date", DATE, needed=True),
        ShapeColumn("end_date", DATE, needed=True),
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
