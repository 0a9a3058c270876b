"""What Administrate does not let be read, or tells wrongly: reported, and its rows kept."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import StoppedResumably
from sync.entities import CUSTOM_FIELDS
from sync.fetch.sources import source_of
from tests.sync.company import BRIDGE, SHIPPED, Company

TYPES = [part.name for part in source_of(CUSTOM_FIELDS).parts]


def refuse(company: Company, *types: str, kind: str = "forbidden") -> None:
    """Custom fields of these types may not be read; each type is one call, in the order of all."""
    company.control.forget()
    company.control.set_faults(
        *(f"{kind}:CustomFieldDefinitions:{TYPES.index(one) + 1}" for one in types)
    )


def step(document: Any, name: str) -> Any:
    return next(one for one in document["steps"] if one["entity"] == name)


def bridge_rows(company: Company) -> dict[str, list[Any]]:
    """Every bridge row, but for when it was last seen."""
    return {
        name: company.values(f"SELECT to_jsonb(t) - 'last_synced' FROM adm.{name} t ORDER BY id")
        for name in BRIDGE
    }


def types_there(company: Company) -> set[str]:
    return set(company.values("SELECT DISTINCT entity_type FROM adm.custom_fields"))


@pytest.mark.parametrize("kind", ["forbidden", "403"])
def test_a_type_of_custom_fields_that_may_not_be_read_is_told_and_the_run_goes_on(
    company: Company, kind: str
) -> None:
    refuse(company, "Opportunity", kind=kind)
    told = company.document("sync", "all", code=4)
    assert [one["ok"] for one in told["steps"]] == [True] * len(SHIPPED)
    [skipped] = step(told, "custom-fields")["skipped"]
    assert skipped.startswith("Opportunity: custom fields of type Opportunity: not permitted")
    assert step(told, "custom-fields")["counts"]["skipped"] == 1
    assert company.control.counts()["CustomFieldDefinitions"] == len(TYPES)
    assert "Opportunity" not in types_there(company)
    [(_, payload)] = [
        one for one in company.events("EntitySynced") if one[1]["entity"] == "custom-fields"
    ]
    assert payload["refused_parts"] == ["Opportunity"]


@pytest.mark.parametrize("types", [["Opportunity"], ["Event", "Session"], TYPES])
def test_the_rows_of_types_that_may_not_be_read_any_longer_stay(
    synced: Company, types: list[str]
) -> None:
    before = bridge_rows(synced)["custom_fields"]
    for entity in ("all", "custom-fields"):
        refuse(synced, *types)
        told = synced.document("sync", entity, code=4)
        assert len(step(told, "custom-fields")["skipped"]) == len(types)
        assert step(told, "custom-fields")["counts"]["deleted"] == 0
        assert bridge_rows(synced)["custom_fields"] == before
    synced.control.clear_faults()
    told = synced.document("sync", "custom-fields")
    assert step(told, "custom-fields")["counts"]["unchanged"] == SHIPPED["custom-fields"]
    assert synced.admsync("verify").returncode == 0


def test_rows_that_are_kept_are_no_part_of_what_may_vanish_at_once(synced: Company) -> None:
    """Seven of fourteen are gone, and the nine that could not be looked at are not counted."""
    events = synced.values("SELECT external_id FROM adm.custom_fields WHERE entity_type = 'Event'")
    kept = [one for one in TYPES if one not in ("Event", "Session")]
    for one in events:
        synced.control.remove(one)
    refuse(synced, *kept)
    told = synced.document("sync", "custom-fields", code=4)
    others = synced.values(
        "SELECT count(*) FROM adm.custom_fields WHERE entity_type = ANY(%s)", kept
    )[0]
    guarded = [one for one in told["steps"][0]["skipped"] if "would go at once" in one]
    assert guarded
    assert all(f"of {SHIPPED['custom-fields'] - others} would" in one for one in guarded)


def test_without_the_custom_fields_of_events_the_steps_that_need_them_say_so(
    company: Company,
) -> None:
    refuse(company, "Event")
    told = company.document("sync", "all", code=1)
    assert step(told, "instructors")["ok"]
    error = step(told, "course-templates")["error"]
    assert "need custom fields of type Event, which Administrate does not permit to read" in error
    assert error.endswith("run: admsync sync custom-fields")
    company.control.clear_faults()
    company.admsync("sync", "all", "--no-prompt")


def test_a_type_that_fails_for_a_passing_reason_stops_the_run(synced: Company) -> None:
    synced.control.set_faults("errors:CustomFieldDefinitions:1-")
    with pytest.raises(StoppedResumably, match="failed at the operation"):
        synced.sync("custom-fields")


# A field of each entity, and each kind of bad value; every field of every answer is tried in
# administrate/test_conformity.py.
BAD = [
    ("custom-fields", "CustomFieldDefinitions", "label", "wrong-type"),
    ("price-levels", "PriceLevels", "name", "endless-text"),
    ("locations", "Locations", "legacyId", "null"),
    ("venues", "Venues", "location", "wrong-type"),
    ("instructors", "Contacts", "isInstructor", "null"),
    ("course-templates", "CourseTemplates", "customFieldValues", "endless-text"),
    ("course-template-price-levels", "CourseTemplatePrices", "amount", "wrong-type"),
    ("course-template-price-levels", "CourseTemplatePrices", "amount", "null"),
]


@pytest.mark.parametrize(("entity", "operation", "field", "kind"), BAD)
def test_a_bad_record_is_told_by_its_id_and_its_row_kept(
    synced: Company, entity: str, operation: str, field: str, kind: str
) -> None:
    before = bridge_rows(synced)
    synced.control.set_faults(f"{kind}:{operation}:1:{field}")
    told = synced.document("sync", entity, code=4)
    [skipped] = told["steps"][0]["skipped"]
    assert field in skipped
    assert len(skipped) < 300
    counts = told["steps"][0]["counts"]
    assert counts["unchanged"] == SHIPPED[entity] - 1
    assert (counts["deleted"], counts["skipped"]) == (0, 1)
    assert bridge_rows(synced) == before


def test_a_bad_record_of_an_interrupted_run_is_refused_again_by_the_resume(
    synced: Company,
) -> None:
    synced.control.set_faults("wrong-type:Venues:1:name", "errors:Venues:2-")
    with pytest.raises(StoppedResumably):
        synced.sync("venues", page_size=10)
    synced.control.clear_faults()
    report = synced.sync(resume=True)
    [skipped] = report.steps[0]["skipped"]
    assert "name is a list, not a text" in skipped
    assert report.steps[0]["counts"]["deleted"] == 0


def test_the_prices_of_a_bad_course_template_stay(synced: Company) -> None:
    before = bridge_rows(synced)
    synced.control.set_faults("wrong-type:CourseTemplatePrices:1:code")
    told = synced.document("sync", "course-template-price-levels", code=4)
    [skipped] = told["steps"][0]["skipped"]
    assert "a course template: code is a list" in skipped
    assert bridge_rows(synced) == before


def test_a_price_that_would_take_the_place_of_one_that_is_kept_waits(synced: Company) -> None:
    """The first price of its template and level is bad this time; its row holds the place."""
    before = bridge_rows(synced)
    first = synced.control.dump("CourseTemplatePublicPrice")[0]
    values = {name: first[name] for name in first if name.endswith("Id") and name != "legacyId"}
    second = synced.control.insert("CourseTemplatePublicPrice", amount="12.34", **values)["id"]
    synced.control.set_faults("wrong-type:CourseTemplatePrices:1:amount")
    told = synced.document("sync", "course-template-price-levels", code=4)
    skipped = told["steps"][0]["skipped"]
    assert len(skipped) == 2
    assert any(one.startswith(f"{second}: {first['id']}, which is kept") for one in skipped)
    assert bridge_rows(synced) == before


@pytest.mark.parametrize("amount", ["12.345", "0.001", "100000000.00"])
def test_a_price_that_would_have_to_be_rounded_is_refused(synced: Company, amount: str) -> None:
    before = bridge_rows(synced)
    price = synced.control.dump("CourseTemplatePublicPrice")[0]
    synced.control.edit(price["id"], amount=amount)
    told = synced.document("sync", "course-template-price-levels", code=4)
    [skipped] = told["steps"][0]["skipped"]
    assert skipped.startswith(f"{price['id']}: ")
    assert bridge_rows(synced) == before
