"""Discrepancies are decided on their page as by the commands: accepted, rejected, ignored,
created, withdrawn; one or many, each for a reason; in a spreadsheet, too."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from importer.decisions.choose_product import question, record_choice
from importer.reference.read import read_local_reference
from importer.reference.sittings import sitting_of
from ledger.store.ledger import Ledger
from tests.importer.pages.serving import Visit, ended

VENUES = "/discrepancies?entity=venues"


def rows(visit: Visit, path: str = VENUES) -> list[Any]:
    found: list[Any] = visit.json(path)["discrepancies"]
    return found


def suggested(visit: Visit) -> list[Any]:
    return rows(visit, f"{VENUES}&outcome=suggested")


def decide(visit: Visit, decision: str, *pairs: str, reason: str = "as the lease says") -> str:
    """Sends the form; gives the address that it leads to."""
    fields = {"decision": decision, "pair": pairs, "reason": reason, "entity": "venues"}
    answer = visit.post("/discrepancies/decide", fields)
    assert answer.status_code == 200, answer.text
    assert "Recorded in run" in answer.text
    return answer.url.removeprefix(visit.base)


def test_a_row_a_pair_with_its_evidence(visit: Visit) -> None:
    first = suggested(visit)[0]
    assert first["candidates"][0]["score"] > 0.5
    assert first["candidates"][0]["evidence"]
    assert first["first_seen"]
    pairs = [frozenset((one["record"], one["candidates"][0]["record"])) for one in suggested(visit)]
    assert len(pairs) == len(set(pairs))
    assert first["candidates"][0]["evidence"][0] in visit.page(VENUES).replace("&#39;", "'")


def test_a_pair_is_accepted_and_linked_at_once_and_withdrawn(visit: Visit) -> None:
    first, *_ = suggested(visit)
    decide(visit, "accept", first["candidates"][0]["pair"], reason="<i>misspelt</i>")
    assert first["record"] not in {one["record"] for one in rows(visit)}
    linked = visit.json(f"/records/{first['record']}")["link"]
    assert linked["other"] == first["candidates"][0]["record"]
    [decision] = visit.json("/decisions")["decisions"]
    assert (decision["decision"], decision["reason"]) == ("accept", "<i>misspelt</i>")
    assert "&lt;i&gt;misspelt" in visit.page("/decisions")
    taken_back = {"record": decision["records"], "reason": "it was the other house"}
    assert visit.post("/decisions/withdraw", taken_back).status_code == 200
    assert visit.json("/decisions")["decisions"] == []
    assert first["record"] in {one["record"] for one in rows(visit)}


def test_many_are_accepted_in_one_run(visit: Visit) -> None:
    some = suggested(visit)[:3]
    decide(visit, "accept", *(one["candidates"][0]["pair"] for one in some))
    assert len(visit.json("/decisions")["decisions"]) == len(some)
    assert visit.json("/runs")["runs"][0]["command"] == "discrepancies accept"
    assert len({one["run_id"] for one in visit.json("/decisions")["decisions"]}) == 1


def test_a_pair_is_rejected_and_a_record_ignored(visit: Visit) -> None:
    first = suggested(visit)[0]
    decide(visit, "reject", first["candidates"][0]["pair"])
    alone = next(one for one in rows(visit) if not one["candidates"])
    decide(visit, "ignore", alone["alone"])
    assert {one["decision"] for one in visit.json("/decisions")["decisions"]} == {
        "reject",
        "ignore",
    }
    assert alone["record"] not in {one["record"] for one in rows(visit)}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"decision": "accept"}, "no pair is chosen"),
        ({"decision": "marry", "pair": "x&y"}, "is no decision"),
        ({"decision": "accept", "pair": "adm.venues%2Fx"}, "choose whom"),
        ({"decision": "accept", "pair": "adm.venues%2Fx&adm.venues%2Fy"}, "no record"),
        ({"decision": "accept", "pair": "x&y", "reason": " "}, "reason is blank"),
    ],
)
def test_what_is_no_decision_is_refused(operator: Visit, fields: Any, said: str) -> None:
    answer = operator.post("/discrepancies/decide", {"reason": "because", **fields})
    assert answer.status_code == 409
    assert said in answer.text


def test_another_entity_is_refused(operator: Visit) -> None:
    assert operator.get("/discrepancies?entity=gooseberries").status_code == 404


def test_nothing_is_out_of_step(operator: Visit) -> None:
    assert "Nothing is out of step." in operator.page("/drift")
    fields = {"record": "Blackfriars House", "field": "title", "side": "neither", "reason": "x"}
    assert "is no side" in operator.post("/drift/settle", fields).text
    assert operator.post("/drift/settle", {**fields, "side": "tutorial"}).status_code == 409


def test_a_record_is_ignored_until_a_day(visit: Visit) -> None:
    alone = next(one for one in rows(visit) if not one["candidates"])
    fields = {"decision": "ignore", "pair": alone["alone"], "reason": "x", "entity": "venues"}
    refused = visit.post("/discrepancies/decide", {**fields, "until": "2020-01-31"})
    assert "is not to come" in refused.text
    assert "expected a day" in visit.post("/discrepancies/decide", {**fields, "until": "soon"}).text
    before = visit.json(VENUES)["entities"]
    assert visit.post("/discrepancies/decide", {**fields, "until": "2099-01-31"}).ok
    [decision] = visit.json("/decisions")["decisions"]
    assert decision["until"] == "2099-01-31"
    assert "until 2099-01-31" in visit.page("/decisions")
    # What is ignored is not counted as waiting either.
    [were] = [one["open"] for one in before if one["name"] == "venues"]
    [are] = [one["open"] for one in visit.json(VENUES)["entities"] if one["name"] == "venues"]
    assert are == were - 1


def creatable(visit: Visit) -> list[Any]:
    return [one for one in rows(visit, "/discrepancies?entity=locations") if one["can_create"]]


def test_ticked_records_are_created_after_their_plan(visit: Visit) -> None:
    one, other = creatable(visit)[:2]
    ticked = {"pair": [one["alone"], other["alone"]]}
    shown = visit.post("/discrepancies/to-create", ticked)
    assert "Locations in the region" in shown.text
    address = shown.url.removeprefix(visit.base)
    asked = visit.json(address)
    assert asked["plan"] is None
    [place] = asked["places"]
    within = next(iter(place["offered"]))
    plan = visit.json(f"{address}&within={within}")["plan"]
    assert plan["verdict"] == "2 records to create in Administrate, then linked."
    assert "Cannot be undone" in visit.page(f"{address}&within={within}")
    records = [one["record"], other["record"]]
    begun = visit.post("/discrepancies/create", {"record": records, "within": within})
    done = ended(visit, begun)
    assert done["code"] == 0, done["said"]
    assert one["record"] not in {each["record"] for each in creatable(visit)}
    assert visit.json(f"/records/{one['record']}")["link"]["other"]


def test_what_is_not_missing_is_not_created(visit: Visit) -> None:
    answer = visit.get("/discrepancies/create?record=acted.tutorial_venues/1")
    assert answer.status_code == 404
    assert "cannot be created" in answer.text or "is no record that only" in answer.text
    assert "no record is chosen" in visit.post("/discrepancies/to-create", {}).text


def decided_in(workbook: bytes, *decisions: tuple[str, str]) -> bytes:
    """The workbook with decisions typed into the first rows about records that have a candidate."""
    book = load_workbook(BytesIO(workbook))
    sheet = book["Records"]
    typed = iter(decisions)
    for row in sheet.iter_rows(min_row=2):
        if row[6].value and (pair := next(typed, None)) is not None:
            row[0].value, row[1].value = pair
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_a_spreadsheet_is_decided_in_and_recorded(visit: Visit) -> None:
    exported = visit.get("/discrepancies/open.xlsx")
    assert "discrepancies.xlsx" in exported.headers["content-disposition"]
    content = decided_in(exported.content, ("accept", "<b>same</b>"), ("marry", "why not"))
    sent = visit.post("/discrepancies/spreadsheet", {}, files={"workbook": ("d.xlsx", content)})
    assert sent.ok, sent.text
    address = sent.url.removeprefix(visit.base)
    plan = visit.json(address)
    assert [one["decision"] for one in plan["decisions"]] == ["accept"]
    [refused] = plan["refused"]
    assert "no decision" in refused
    assert "&lt;b&gt;same" in sent.text
    other = visit.post(address, {"plan": "0" * 64})
    assert "has changed since the plan was shown" in other.text
    recorded = visit.post(address, {"plan": plan["plan"]})
    assert recorded.url.startswith(f"{visit.base}/runs/")
    assert [one["reason"] for one in visit.json("/decisions")["decisions"]] == ["<b>same</b>"]
    assert visit.json(address)["decisions"] == []
    assert "nothing to record" in visit.post(address, {"plan": visit.json(address)["plan"]}).text


def test_what_is_no_workbook_of_decisions_is_refused(operator: Visit) -> None:
    empty = operator.get("/import/template.xlsx").content
    for content, said in ((b"", "no workbook was chosen"), (empty, "no sheet of it has")):
        answer = operator.post(
            "/discrepancies/spreadsheet", {}, files={"workbook": ("a.xlsx", content)}
        )
        assert answer.status_code == 409
        assert said in answer.text


def test_a_product_choice_is_withdrawn(visit: Visit) -> None:
    reference = read_local_reference(visit.site.database)
    asked = question(reference, "CB1_f2f_3", "2026A", "London")
    product = next(
        one.code for one in reference.products if sitting_of(one.exam_session) == "2026A"
    )
    record_choice(Ledger(visit.site.database, "tests"), asked, reference, product, "three days")
    [choice] = visit.json("/decisions")["decisions"]
    assert f"is {product}" in visit.page("/decisions")
    fields = {"template": choice["records"][0], "sitting": "2026A", "location": choice["location"]}
    taken_back = visit.post("/decisions/withdraw-product", {**fields, "reason": "not sold"})
    assert taken_back.url.endswith("/decisions")
    assert visit.json("/decisions")["decisions"] == []
    again = visit.post("/decisions/withdraw-product", {**fields, "reason": "not sold"})
    assert "no product is chosen for that" in again.text
