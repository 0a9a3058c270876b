"""The namespace ``courseTemplate``."""

from __future__ import annotations

from sync.sandbox.graphql.call import Arguments, Call, Made, refuse
from sync.sandbox.graphql.mutations import prices
from sync.sandbox.graphql.mutations.inputs import Inputs, check_unique, found
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
TEMPLATES = Inputs(
    COURSE_TEMPLATE,
    plain=PLAIN,
    required=("title", "code"),
    ignore_null=("lifecycleState",),
    lengths={"title": 255, "code": 120, "shortCode": 3},
)


def _template(call: Call, given: Arguments, current: Record) -> Record:
    """The template after the values given are set over the current ones."""
    values = TEMPLATES.values(call, given, current)
    if call.switches.unique_template_codes and "code" in values:
        check_unique(call, COURSE_TEMPLATE, "code", values["code"], current.get("id"))
    if given.get("learningMode"):
        values["eventLearningMode"] = given["learningMode"]
    approved = given.get("approvedInstructors")
    if approved is not None:  # the list is replaced as a whole
        for contact in filter(None, approved):
            found(call, CONTACT, contact, "approvedInstructors")
        values["approvedInstructorIds"] = list(dict.fromkeys(filter(None, approved)))
    return {**current, **values, "updatedAt": call.now}


def create(call: Call, given: Arguments) -> Made:
    unset: Record = {
        **dict.fromkeys(PLAIN),
        "lifecycleState": "draft",
        "eventLearningMode": "classroom",
        "approvedInstructorIds": [],
        "createdAt": call.now,
    }
    template = call.store.insert(COURSE_TEMPLATE, _template(call, given, unset))
    owned = given.get("publicPrices") or []
    prices.add_to_template(call, [{**one, "courseTemplateId": template["id"]} for one in owned])
    return Made(template)


def update(call: Call, template_id: str, given: Arguments) -> Made:
    template = found(call, COURSE_TEMPLATE, template_id, "courseTemplateId")
    state = given.get("lifecycleState")
    if state == "draft" != template["lifecycleState"]:
        raise refuse("A published course cannot become a draft", "lifecycleState", state)
    return Made(call.store.replace(_template(call, given, template)))


def delete(call: Call, template_id: str) -> Made:
    found(call, COURSE_TEMPLATE, template_id, "courseTemplateId")
    if call.store.count(EVENT, "AND parent = ?", (template_id,)):
        raise refuse("A course that has events cannot be deleted", "courseTemplateId", template_id)
    call.store.remove_with(template_id, PUBLIC_PRICE, SESSION_TEMPLATE)
    return Made(None, (template_id,))


def add_session_template(call: Call, given: Arguments) -> Made:
    found(call, COURSE_TEMPLATE, given["courseTemplateId"], "courseTemplateId")
    unset = dict.fromkeys(("startTime", "endTime", "code", "title", "duration"))
    return Made(call.store.insert(SESSION_TEMPLATE, {**unset, **given}))
