"""An explanation is enough by itself to decide again as it was decided."""

from __future__ import annotations

import json

from attrs import evolve
from cattrs.preconf.json import make_converter
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.decisions import Decision, Decisions, Verdict
from sync.matching.explanation import Explanation, explain
from sync.matching.keys import LOCATION, Link, Record, Side
from sync.matching.match import match
from sync.matching.outcomes import MOST_NAMED, Cause
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


@given(worlds(), st.sampled_from([2, 3, MOST_NAMED]))
def test_a_stored_explanation_evaluated_again_gives_the_decision(world: World, most: int) -> None:
    matching = match(*world)
    for side in Side:
        for named, outcome in matching.outcomes[side].items():
            read = stored_and_read(explain(matching, side, named, most))
            assert read == explain(matching, side, named, most)
            assert read.outcome.cause is outcome.cause
            assert read.outcome.link == outcome.link
            assert read.outcome == outcome or read.left_out
            assert holds(read)


@given(worlds())
def test_an_outcome_names_a_few_others_and_counts_the_rest(world: World) -> None:
    matching = match(*world)
    for side in Side:
        for named, outcome in matching.outcomes[side].items():
            few, more = outcome.others(side, named)
            all_others = [(each, one) for each in Side for one in outcome.on(each)]
            all_others.remove((side, named))
            assert set(few) <= set(all_others)
            assert len(few) + more == len(all_others)


def test_of_a_thousand_namesakes_an_explanation_holds_a_few_and_counts_the_rest() -> None:
    left = [Record(f"a{n:04}", ("London",)) for n in range(1_000)]
    right = [Record(n, ("London",)) for n in range(1_000)]
    explanation = explain(match(LOCATION, left, right), Side.ADMINISTRATE, "a0500")
    assert len(explanation.administrate) == MOST_NAMED + 1
    assert len(explanation.tutorial) == MOST_NAMED
    assert explanation.left_out == 2_000 - 2 * MOST_NAMED - 1
    assert "a0500" in explanation.outcome.administrate
    assert holds(stored_and_read(explanation))


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


def test_of_many_namesakes_the_partner_that_a_link_is_kept_with_is_there() -> None:
    left = [Record(f"a{n}", ("London",)) for n in range(10)]
    right = [Record(n, ("London",)) for n in range(10)]
    explanation = explain(match(LOCATION, left, right, previous=[Link("a9", 9)]), Side.TUTORIAL, 9)
    assert explanation.outcome.cause is Cause.KEPT
    assert holds(stored_and_read(explanation))


def test_of_many_namesakes_the_one_that_speaks_against_an_adopted_link_is_there() -> None:
    left = [Record(f"a{n}", ("London",)) for n in range(10)]
    right = [Record(1, ("London",))]
    rejections = [
        Decision(n, Verdict.REJECT, f"a{n}", 1, ("London",), ("London",)) for n in range(9)
    ]
    other = Record("b", ("Leeds",))
    matching = match(
        LOCATION, [*left, other], right, Decisions.of(*rejections), adopted=[Link("b", 1)]
    )
    explanation = explain(matching, Side.ADMINISTRATE, "b")
    assert explanation.outcome.cause is Cause.DISPLACED
    assert holds(stored_and_read(explanation))
