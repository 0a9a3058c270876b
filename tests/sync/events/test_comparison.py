"""A field's values against what both sides last agreed on: the outcomes, and what is promised."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ledger.events.agreement import Pair
from sync.events.comparison import (
    Action,
    Decided,
    Listed,
    Outcome,
    Values,
    Verdict,
    compare,
    judge,
)
from sync.events.fields import Owner

ADMINISTRATE, WEB_APPLICATION = Owner
VALUE = st.sampled_from(["a", "b", "c", None])


def of(base: str | None, administrate: str, tutorial: str) -> Values:
    """A field that both sides store alike; ``base`` is both halves, as in ``"aa"``."""
    pair = None if base is None else Pair(administrate=base[0], tutorial=base[1])
    return Values(base=pair, administrate=administrate, tutorial=tutorial, meant=administrate)


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        (of("aa", "a", "a"), Outcome.UNCHANGED),
        (of("ab", "a", "b"), Outcome.UNCHANGED),
        (of("aa", "b", "a"), Outcome.ADMINISTRATE),
        (of("aa", "a", "b"), Outcome.TUTORIAL),
        (of("aa", "b", "b"), Outcome.AGREED),
        (of("aa", "b", "c"), Outcome.CONFLICT),
        (of(None, "a", "a"), Outcome.AGREED),
        (of(None, "a", "b"), Outcome.NEVER_AGREED),
    ],
)
def test_a_change_is_told_from_a_change_of_the_other_side(values: Values, outcome: Outcome) -> None:
    assert compare(values) is outcome


@pytest.mark.parametrize(
    ("values", "owner", "ours", "verdict"),
    [
        (of("aa", "b", "a"), ADMINISTRATE, True, Verdict(Action.APPLY)),
        (of("aa", "b", "a"), ADMINISTRATE, False, Verdict(listed=Listed.NOT_OURS)),
        (
            of("aa", "b", "a"),
            WEB_APPLICATION,
            True,
            Verdict(listed=Listed.OWNED_BY_WEB_APPLICATION),
        ),
        (of("aa", "a", "b"), WEB_APPLICATION, True, Verdict(listed=Listed.TO_PUSH)),
        (of("aa", "a", "b"), WEB_APPLICATION, False, Verdict(listed=Listed.TO_PUSH)),
        (of("aa", "a", "b"), ADMINISTRATE, True, Verdict(listed=Listed.OWNED_BY_ADMINISTRATE)),
        (of("aa", "b", "c"), ADMINISTRATE, True, Verdict(listed=Listed.CONFLICT)),
        (of(None, "a", "b"), ADMINISTRATE, True, Verdict(listed=Listed.NEVER_AGREED)),
        (of("aa", "b", "b"), WEB_APPLICATION, True, Verdict(Action.AGREE)),
    ],
)
def test_who_owns_a_field_decides_what_becomes_of_its_change(
    values: Values, owner: Owner, *, ours: bool, verdict: Verdict
) -> None:
    assert judge(values, owner, ours=ours) == verdict


def test_what_a_rollback_took_back_is_applied_again_once_it_changes() -> None:
    same = evolve(of("aa", "b", "a"), taken_back="b", was_taken_back=True)
    changed = evolve(same, administrate="c", meant="c")
    assert judge(same, ADMINISTRATE, ours=True) == Verdict(listed=Listed.ROLLED_BACK)
    assert judge(changed, ADMINISTRATE, ours=True) == Verdict(Action.APPLY)


@pytest.mark.parametrize(
    ("side", "verdict"),
    [("administrate", Verdict(Action.APPLY)), ("tutorial", Verdict(listed=Listed.TO_PUSH))],
)
def test_a_decision_holds_for_the_two_values_it_was_about(side: str, verdict: Verdict) -> None:
    decided = Decided(side, Pair(administrate="b", tutorial="c"))
    base = Pair(administrate="a", tutorial="a")
    about = Values(base=base, administrate="b", tutorial="c", meant="b", decided=decided)
    later = Values(base=base, administrate="d", tutorial="c", meant="d", decided=decided)
    assert judge(about, WEB_APPLICATION, ours=True) == verdict
    assert judge(later, WEB_APPLICATION, ours=True) == Verdict(listed=Listed.CONFLICT)


@given(
    base=st.none() | st.tuples(VALUE, VALUE),
    administrate=VALUE,
    tutorial=VALUE,
    owner=st.sampled_from(Owner),
    ours=st.booleans(),
    unknown=st.booleans(),
)
def test_a_field_is_in_step_or_applied_or_listed(
    base: tuple[str | None, str | None] | None,
    administrate: str | None,
    tutorial: str | None,
    owner: Owner,
    *,
    ours: bool,
    unknown: bool,
) -> None:
    pair = None if base is None else Pair(administrate=base[0], tutorial=base[1])
    values = Values(
        base=pair,
        administrate=administrate,
        tutorial=tutorial,
        meant=None if unknown else administrate,
        unknown="it is not linked" if unknown else "",
    )
    verdict = judge(values, owner, ours=ours)
    agreed_before = pair == values.pair
    agreed_now = not unknown and administrate == tutorial
    in_step = agreed_before or agreed_now
    assert in_step == (verdict.listed is None and verdict.action is not Action.APPLY)
    if verdict.action is Action.APPLY:
        # Nobody's edit of the tutorial row is overwritten, and no row of others is written.
        assert ours
        assert owner is ADMINISTRATE
        assert pair is not None
        assert pair.tutorial == tutorial
