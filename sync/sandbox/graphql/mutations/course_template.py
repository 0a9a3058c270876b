"""The namespace ``courseTemplate``."""

from __future__ import annotations

from sync.sandbox.graphql import custom_fields
from sync.sandbox.graphql.bookings import linked
from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations import prices
from sync.sandbox.graphql.mutations.running import Change
from sync.sandbox.records.kinds import (
    CONTACT,
    COURSE_TEMPLATE,
    EVENT,
    PUBLIC_PRICE,
    SESSION_TEMPLATE,
)
from sync.sandbox.records.store import Record

PLAIN = (
    *("title", "code", "shortCode", "minPlaces", "maxPlaces"),
    *("lmsSummary", "lmsResourcesText", "relatedCoursesText"),
)
LENGTHS = {"title": 255, "code": 120, "shortCode": 3}


def _checked(call: Call, given: Arguments, identifier: str | None) -> Record:
    """The plain values given, within the API's lengths."""
    values: Record = {name: given[name] for name in PLAIN if name in given}
    for name, most in LENGTHS.items():
        value = values.get(name)
        if name != "shortCode" and name in values and not value:
            raise refuse("A value is needed", name)
        if value is not None and len(value) > most:
            raise refuse(f"At most {most} characters", name, value)
    if call.switches.unique_template_codes and "code" in values:
        clause = "AND json_extract(record.body, '$.code') = ?"
        same = call.store.select(COURSE_TEMPLATE, clause, (values["code"],))
        if any(one["id"] != identifier for one in same):
            raise refuse("There is a course with this code", "code", values["code"])
    return values


def _instructors(call: Call, given: Arguments) -> Record:
    """The approved list is replaced as a whole."""
    if given.get("approvedInstructors") is None:
        return {}
    ids = [
        linked(call, CONTACT, one, "approvedInstructors") for one in given["approvedInstructors"]
    ]
    return {"approvedInstructorIds": list(dict.fromkeys(one for one in ids if one))}


def create(call: Call, given: Arguments) -> Made:
    template = call.store.insert(
        COURSE_TEMPLATE,
        {
            **dict.fromkeys(PLAIN),
            **_checked(call, given, None),
            "lifecycleState": given.get("lifecycleState") or "draft",
            "eventLearningMode": given.get("learningMode") or "classroom",
            "approvedInstructorIds": [],
            **_instructors(call, given),
            "customFields": custom_fields.merged(
                call, "CourseTemplate", {}, given.get("customFieldValues")
            ),
            "createdAt": call.now,
            "updatedAt": call.now,
        },
    )
    owned = [
        {**price, "courseTemplateId": template["id"]} for price in given.get("publicPrices") or []
    ]
    prices.add_to_template(call, owned)
    return Made(template, (template["id"],))


def update(call: Call, template_id: str, given: Arguments) -> Made:
    template = call.store.find(COURSE_TEMPLATE, template_id)
    if template is None:
        raise refuse("CourseTemplate not found", "courseTemplateId", template_id)
    changes = {**_checked(call, given, template_id), **_instructors(call, given)}
    state = given.get("lifecycleState")
    if state == "draft" and template["lifecycleState"] != "draft":
        raise refuse("A published course cannot become a draft", "lifecycleState", state)
    if state:
        changes["lifecycleState"] = state
    if given.get("learningMode"):
        changes["eventLearningMode"] = given["learningMode"]
    if "customFieldValues" in given:
        changes["customFields"] = custom_fields.merged(
            call,
            "CourseTemplate",
            template.get("customFields") or {},
            given["customFieldValues"],
        )
    saved = call.store.replace({**template, **changes, "updatedAt": call.now})
    return Made(saved, (template_id,))


def delete(call: Call, template_id: str) -> Made:
    template = call.store.find(COURSE_TEMPLATE, template_id)
    if template is None:
        raise refuse("CourseTemplate not found", "courseTemplateId", template_id)
    if call.store.count(EVENT, "AND parent = ?", (template_id,)):
        raise refuse("A course that has events cannot be deleted", "courseTemplateId", template_id)
    owned = [
        one["id"]
        for kind in (PUBLIC_PRICE, SESSION_TEMPLATE)
        for one in call.store.children(kind, template_id)
    ]
    call.store.remove((template_id, *owned))
    return Made(None, (template_id,))


def add_session_template(call: Call, given: Arguments) -> Made:
    template_id = given["courseTemplateId"]
    linked(call, COURSE_TEMPLATE, template_id, "courseTemplateId")
    blank = dict.fromkeys(("startTime", "endTime", "code", "title", "duration"))
    made = call.store.insert(SESSION_TEMPLATE, {**blank, **given})
    return Made(made, (made["id"],))


MUTATIONS: dict[str, Change] = {
    "create": create,
    "update": update,
    "delete": delete,
    "addPublicPrices": prices.add_to_template,
    "addSessionTemplate": add_session_template,
}
