"""An explanation is enough by itself to decide again as it was decided."""

from __future__ import annotations

import json

from attrs import evolve
from cattrs.preconf.json import make_converter
from hypothesis import given

from sync.matching.decisions import Decision, Decisions, Verdict
from sync.matching.explanation import Explanation, explain
from sync.matching.keys import LOCATION, Record, Side
from sync.matching.match import match
from sync.matching.outcomes import Cause
from tests.sync.matching.strategies import World, worlds

CONVERTER = make_converter()


def stored_and_read(explanation: Explanation) -> Explanation:
    return CONVERTER.loads(CONVERTER.dumps(explanation), Explanation)


def holds(explanation: Explanation) -> bool:
    """Whether deciding again, from the stored inputs alone, gives the stored outcome.

    Expected namesakes are taken as stored: they rest on a count of everybody.
    """
    again = match(
        explanation.rule,
        explanation.administrate,
        explanation.tutorial,
        Decisions.of(*explanation.decisions),
        explanation.standing,
        explanation.adopted,
        explanation.lasting,
    )
    decided = again.records[explanation.side].by_id.get(explanation.record)
    if decided is None or explanation.rule.compared(decided) != explanation.compared:
        return False
    outcome = again.outcomes[explanation.side][explanation.record]
    return evolve(outcome, namesakes=explanation.outcome.namesakes) == explanation.outcome


@given(worlds())
def test_a_stored_explanation_evaluated_again_gives_the_decision(
    world: World,
) -> None:
    matching = match(*world)
    for side in Side:
        for named, outcome in matching.outcomes[side].items():
            read = stored_and_read(explain(matching, side, named))
            assert read == explain(matching, side, named)
            assert read.outcome == outcome
            assert holds(read)


def test_an_explanation_names_the_rejected_candidates_as_they_were() -> None:
    left, right = Record("a", ("London ",)), Record(1, ("London ",))
    rejection = Decision(7, Verdict.REJECT, "a", 1, left.key, right.key)
    explanation = explain(
        match(LOCATION, [left], [right], Decisions.of(rejection)), Side.ADMINISTRATE, "a"
    )
    assert explanation.outcome.cause is Cause.REJECTED
    assert (explanation.tutorial, explanation.decisions) == ((right,), (rejection,))
    assert explanation.compared == ("london ",)
    assert json.loads(CONVERTER.dumps(explanation))["rule"]["name"] == "location name"


def test_an_explanation_that_was_tampered_with_does_not_hold() -> None:
    matching = match(LOCATION, [Record("a", ("London",))], [Record(1, ("London",))])
    explanation = explain(matching, Side.TUTORIAL, 1)
    assert holds(explanation)
    for changed in (
        evolve(explanation, administrate=(Record("a", ("Leeds",)),)),
        evolve(explanation, compared=("leeds",)),
        evolve(explanation, tutorial=()),
    ):
        assert not holds(changed)
