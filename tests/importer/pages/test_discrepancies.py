"""Discrepancies are decided on their page as by the commands: accepted, rejected, ignored,
withdrawn; one or many, each for a reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.importer.pages.serving import Visit

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
