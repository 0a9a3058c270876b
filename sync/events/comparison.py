"""Compares a field's values on both sides with what the sides last agreed on: pure functions.

Each side is compared with its own half of the base, so that nothing counts as a change because of
how it is stored (``events.md``, sections 1 and 2).
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from ledger.events.agreement import Pair
from ledger.values import Value
from sync.events.fields import Owner


class Outcome(Enum):
    """What happened to a field since the sides last agreed on it."""

    UNCHANGED = "unchanged"
    AGREED = "the same on both sides"
    ADMINISTRATE = "changed in Administrate"
    TUTORIAL = "changed in the tutorial tables"
    CONFLICT = "changed on both sides, otherwise"
    NEVER_AGREED = "never agreed"


class Listed(Enum):
    """Why a field is listed as out of step; the value is stored."""

    TO_PUSH = "to push"
    NOT_OURS = "not ours to write"
    NO_VALUE = "no value for it here"
    OWNED_BY_WEB_APPLICATION = "changed in Administrate, owned by the web application"
    OWNED_BY_ADMINISTRATE = "changed in the tutorial tables, owned by Administrate"
    CONFLICT = "conflict"
    NEVER_AGREED = "never agreed"
    ROLLED_BACK = "rolled back"


class Action(Enum):
    """What a sync does about a field, beside listing it."""

    NOTHING = "nothing"
    AGREE = "agree"
    APPLY = "apply"


@frozen
class Decided:
    """A person's decision about two values: which side's holds."""

    side: str
    values: Pair


@frozen(kw_only=True)
class Values:
    """A field as it is: the base, each side's value, and what Administrate's means to the tutorial
    tables (``None`` in ``meant`` with ``unknown`` set: they have no value for it)."""

    base: Pair | None
    administrate: Value
    tutorial: Value
    meant: Value = None
    unknown: str = ""
    taken_back: Value = None
    was_taken_back: bool = False
    decided: Decided | None = None

    @property
    def pair(self) -> Pair:
        return Pair(administrate=self.administrate, tutorial=self.tutorial)


@frozen
class Verdict:
    """What is done about a field, and why it is listed, where it is."""

    action: Action = Action.NOTHING
    listed: Listed | None = None


def compare(values: Values) -> Outcome:
    """What happened to a field."""
    equal = not values.unknown and values.meant == values.tutorial
    if values.base is None:
        return Outcome.AGREED if equal else Outcome.NEVER_AGREED
    same = values.administrate == values.base.administrate
    if same and values.tutorial == values.base.tutorial:
        return Outcome.UNCHANGED
    if equal:
        return Outcome.AGREED
    if same:
        return Outcome.TUTORIAL
    return Outcome.ADMINISTRATE if values.tutorial == values.base.tutorial else Outcome.CONFLICT


def judge(values: Values, owner: Owner, *, ours: bool) -> Verdict:
    """What to do about a field of this owner; ``ours``: the tutorial row was made by this
    program."""
    outcome = compare(values)
    decided = values.decided
    if decided is not None and decided.values == values.pair and outcome in _LISTED:
        follows = decided.side == "administrate"
        return _apply(values, ours=ours) if follows else Verdict(listed=Listed.TO_PUSH)
    if outcome is Outcome.ADMINISTRATE and owner is Owner.ADMINISTRATE:
        taken_back = values.was_taken_back and values.administrate == values.taken_back
        return Verdict(listed=Listed.ROLLED_BACK) if taken_back else _apply(values, ours=ours)
    if outcome is Outcome.TUTORIAL and owner is Owner.WEB_APPLICATION:
        return Verdict(listed=Listed.TO_PUSH)
    action = Action.AGREE if outcome is Outcome.AGREED else Action.NOTHING
    return Verdict(action, _LISTED.get(outcome))


def _apply(values: Values, *, ours: bool) -> Verdict:
    if values.unknown:
        return Verdict(listed=Listed.NO_VALUE)
    return Verdict(Action.APPLY) if ours else Verdict(listed=Listed.NOT_OURS)


_LISTED = {
    Outcome.ADMINISTRATE: Listed.OWNED_BY_WEB_APPLICATION,
    Outcome.TUTORIAL: Listed.OWNED_BY_ADMINISTRATE,
    Outcome.CONFLICT: Listed.CONFLICT,
    Outcome.NEVER_AGREED: Listed.NEVER_AGREED,
}
