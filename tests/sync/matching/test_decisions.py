"""What people decided holds against every rule, and against each other the latest holds."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from sync.matching.decisions import Decision, Decisions, Verdict, Withdrawal
from sync.matching.keys import LOCATION, Id, Record, Side
from sync.matching.match import Matching, match
from sync.matching.outcomes import Cause
from sync.matching.suggest import suggest
from tests.sync.matching.strategies import World, administrate_ids, names, tutorial_ids, worlds

LATER = 1_000


def accepted(left: Id, right: Id, reference: int = LATER) -> Decision:
    return Decision(reference, Verdict.ACCEPT, left, right)


def rejected(left: Record, right: Record, reference: int = LATER) -> Decision:
    return Decision(reference, Verdict.REJECT, left.id, right.id, left.key, right.key)


def location(named: Id, name: str) -> Record:
    return Record(named, (name,))


def decided(left: list[Record], right: list[Record], *decisions: Decision) -> Matching:
    return match(LOCATION, left, right, Decisions.of(*decisions))


def test_confirming_one_of_two_namesakes_does_not_link_the_other_by_elimination() -> None:
    left = [location("a", "London"), location("b", "London")]
    right = [location(1, "London"), location(2, "London")]
    matching = decided(left, right, accepted("a", 1))
    assert matching.links == [("a", 1)]
    assert matching.outcomes[Side.ADMINISTRATE]["b"].tutorial == (1, 2)


def test_rejecting_one_of_two_namesakes_does_not_link_the_other_either() -> None:
    left, right = [location("a", "London")], [location(1, "London"), location(2, "London")]
    assert decided(left, right, rejected(left[0], right[0])).links == []


def test_the_equal_of_a_record_accepted_elsewhere_says_so() -> None:
    left = [location("a", "London")]
    right = [location(1, "London"), location(2, "Leeds")]
    matching = decided(left, right, accepted("a", 2))
    assert matching.outcomes[Side.TUTORIAL][1].cause is Cause.TAKEN


def test_a_record_whose_accepted_partner_is_gone_is_held_rather_than_linked_anew() -> None:
    left, right = [location("a", "London")], [location(1, "London")]
    outcome = decided(left, right, accepted("a", 9)).outcomes[Side.ADMINISTRATE]["a"]
    assert outcome.cause is Cause.PARTNER_GONE


def test_a_rejection_comes_back_for_review_when_a_field_has_changed() -> None:
    left, right = location("a", "London"), location(1, "London")
    rejection = rejected(evolve(left, key=("Leeds",)), right)
    matching = decided([left], [right], rejection)
    assert matching.outcomes[Side.TUTORIAL][1].cause is Cause.REVIEW
    suggestion = suggest(matching)[Side.ADMINISTRATE]["a"][0]
    assert suggestion.review == rejection.reference


def test_contradicting_acceptances_go_to_the_latest_and_the_others_are_listed() -> None:
    earlier, later = accepted("a", 1, 1), accepted("a", 2, 2)
    left, right = [location("a", "x")], [location(1, "y"), location(2, "z")]
    for given_order in ((earlier, later), (later, earlier)):
        matching = decided(left, right, *given_order)
        assert matching.links == [("a", 2)]
        assert matching.effect.overruled == (earlier,)


def test_an_acceptance_after_a_rejection_links_and_the_reverse_does_not() -> None:
    left, right = location("a", "London"), location(1, "London")
    assert decided([left], [right], rejected(left, right, 1), accepted("a", 1, 2)).links
    assert not decided([left], [right], accepted("a", 1, 1), rejected(left, right, 2)).links


def test_an_ignored_record_is_neither_given_nor_offered_as_a_suggestion() -> None:
    left, right = [location("a", "London ")], [location(1, "London")]
    ignore = Decision(1, Verdict.IGNORE, None, 1)
    suggestions = suggest(decided(left, right, ignore))
    assert suggestions == {Side.ADMINISTRATE: {}, Side.TUTORIAL: {}}


@given(worlds(), administrate_ids, tutorial_ids)
def test_a_rejected_pair_is_never_linked_nor_suggested(
    world: World, mine: str, theirs: int
) -> None:
    rule, left, right, decisions, *links = world
    keys = {one.id: one.key for one in (*left, *right)}
    rejection = Decision(
        LATER, Verdict.REJECT, mine, theirs, keys.get(mine, ()), keys.get(theirs, ())
    )
    matching = match(rule, left, right, decisions.after([rejection]), *links)
    suggestions = suggest(matching)
    assert (mine, theirs) not in matching.links
    assert theirs not in [one.candidate for one in suggestions[Side.ADMINISTRATE].get(mine, ())]
    assert mine not in [one.candidate for one in suggestions[Side.TUTORIAL].get(theirs, ())]


@given(worlds(), st.data())
def test_a_confirmed_pair_stays_linked_under_any_rename(world: World, data: st.DataObject) -> None:
    rule, left, right, decisions, *links = world
    renamed = [evolve(one, key=tuple(data.draw(names) for _ in one.key)) for one in left]
    for mine, theirs in zip(left, right, strict=False):
        confirmed = decisions.after([accepted(mine.id, theirs.id)])
        assert (mine.id, theirs.id) in match(rule, left, right, confirmed, *links).links
        assert (mine.id, theirs.id) in match(rule, renamed, right, confirmed, *links).links


@given(worlds(), administrate_ids, tutorial_ids, st.sampled_from(["accept", "reject"]))
def test_deciding_then_withdrawing_restores_the_state_before(
    world: World, mine: str, theirs: int, verdict: str
) -> None:
    rule, left, right, decisions, *links = world
    decision = Decision(LATER, Verdict(verdict), mine, theirs)
    restored = decisions.after([decision, Withdrawal(LATER)])
    assert restored == decisions
    assert match(rule, left, right, restored, *links) == match(*world)


@given(worlds(), administrate_ids, tutorial_ids, st.sampled_from(["accept", "reject"]))
def test_decisions_about_other_records_neither_make_nor_break_a_link(
    world: World, mine: str, theirs: int, verdict: str
) -> None:
    rule, left, right, _, previous, adopted, _ = world
    decisions = Decisions.of(Decision(LATER, Verdict(verdict), mine, theirs))
    before = match(rule, left, right, previous=previous, adopted=adopted).links
    after = match(rule, left, right, decisions, previous, adopted).links
    others = [
        [one for one in links if mine not in one and theirs not in one] for links in (before, after)
    ]
    assert others[0] == others[1]


@given(worlds())
def test_links_fed_back_as_confirmations_decide_nothing_new(world: World) -> None:
    rule, left, right, decisions, *given_links = world
    links = match(*world).links
    confirmed = decisions.after(
        accepted(link.administrate, link.tutorial, LATER + n) for n, link in enumerate(links)
    )
    assert match(rule, left, right, confirmed, *given_links).links == links


@given(worlds(), st.lists(st.integers(1, 4), max_size=3), st.integers(0, 7))
def test_folding_the_events_in_any_chunking_gives_one_state(
    world: World, withdrawn: list[int], cut: int
) -> None:
    events: list[Decision | Withdrawal] = [
        *world[3].by_reference.values(),
        *map(Withdrawal, withdrawn),
    ]
    assert Decisions().after(events[:cut]).after(events[cut:]) == Decisions().after(events)


def test_an_ignored_record_is_asked_about_again_when_its_day_has_come() -> None:
    left = [location("a", "London")]
    always = Decision(1, Verdict.IGNORE, "a", None)
    lapsed = Decision(2, Verdict.IGNORE, "a", None, lapsed=True)
    about = (Side.ADMINISTRATE, "a")
    assert about in decided(left, [], always).effect.ignored
    # The latest holds, and where it has lapsed, the one before it does not apply again.
    assert about not in decided(left, [], always, lapsed).effect.ignored
    assert about in decided(left, [], lapsed, evolve(always, reference=3)).effect.ignored
