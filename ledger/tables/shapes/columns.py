"""The columns that both deployed shapes have, or that either may have on the way to the other."""

from __future__ import annotations

from sqlalchemy import String

from ledger.tables.shapes.shape import FLAG, KEY, MOMENT, NUMBER, Held

STAMPS = (
    Held("created_at", MOMENT, of="made_at"),
    Held("updated_at", MOMENT, of="made_at", lived_on=True),
)
EVENT = (
    Held("code", String(100), needed=True),
    Held("product_id", KEY, needed=True),
    Held("remain_space", NUMBER, lived_on=True),
    *STAMPS,
)
# What May's shape keeps of an event that February's has no place for.
EVENT_DETAILS = (
    Held("access_duration", String(100), lived_on=True),
    Held("administrator", String(255), overwritten=True, personal=True),
    Held("cancelled", FLAG, otherwise=False, overwritten=True),
    Held("course_template_id", KEY, of="bridge_template_id", overwritten=True),
    Held("event_url", String(500), overwritten=True),
    Held("external_id", String(64), overwritten=True),
    Held("extra_information", String(), lived_on=True, personal=True),
    Held("learning_mode", String(20), overwritten=True),
    Held("lifecycle_state", String(20), overwritten=True),
    Held("main_instructor_id", KEY, overwritten=True),
    Held("max_places", NUMBER, overwritten=True),
    Held("min_places", NUMBER, overwritten=True),
    Held("ocr_moodle_code", String(100), lived_on=True),
    Held("recording_pin", String(50), lived_on=True),
    Held("recordings", FLAG, lived_on=True),
    Held("registration_deadline", MOMENT, overwritten=True),
    Held("sage_code", String(100), lived_on=True),
    Held("session_title", String(255), lived_on=True),
    Held("sitting", String(50), lived_on=True),
    Held("sold_out", FLAG, of="is_soldout", overwritten=True),
    Held("timezone", String(50), overwritten=True),
    Held("tutors", String(255), lived_on=True, personal=True),
    Held("virtual_classroom", String(255), lived_on=True),
    Held("web_sale", FLAG, overwritten=True),
)
SESSION = (
    Held("tutorial_event_id", KEY, needed=True),
    Held("sequence", NUMBER, needed=True),
    *STAMPS,
)
SESSION_DETAILS = (Held("cancelled", FLAG, otherwise=False, overwritten=True),)
SESSION_INSTRUCTOR = (
    Held("tutorialsessions_id", KEY, needed=True),
    Held("tutorialinstructor_id", KEY, needed=True),
)
