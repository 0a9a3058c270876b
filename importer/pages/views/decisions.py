"""Decisions that stand, and fields out of step: withdrawn, settled."""

from __future__ import annotations

from importer.decisions.choose_product import withdraw_choice
from importer.decisions.current_decisions import CurrentDecision, current_decisions
from importer.pages.access import Role
from importer.pages.addresses import run_address
from importer.pages.page import Action, Asked, GoTo, Page, View
from importer.pages.views.drift import drift_of
from importer.pages.views.started import begin
from importer.reference.product_decisions import Question
from ledger.errors import UsageRefused
from sync.discrepancies.by_person import record_withdrawal
from sync.events.settle import out_of_step
from sync.events.settle import settle as carry_out

_SIDES = ("administrate", "tutorial")
_PUSHED = ("events", "sessions")


def decisions(asked: Asked) -> Page:
    """Every current decision, the newest first, with its author, time and reason."""
    with asked.site.database.snapshot() as connection:
        found = current_decisions(connection)
    return Page("decisions", "Decisions", {"decisions": [_told(one) for one in reversed(found)]})


def withdraw(asked: Asked) -> GoTo:
    """Takes the newest decision about records back."""
    record_withdrawal(asked.ledger, asked.ticked("record"), asked.typed("reason"))
    return GoTo("/decisions")


def withdraw_product(asked: Asked) -> GoTo:
    """Takes the choice of a product back."""
    names = ("template", "sitting", "location")
    question = Question(*(asked.typed(name) for name in names))
    withdraw_choice(asked.ledger, question, asked.typed("reason"))
    return GoTo("/decisions")


def drift(asked: Asked) -> Page:
    """The fields out of step between the two systems."""
    with asked.site.database.driver_transaction() as connection:
        found = drift_of(connection)
    return Page("out_of_step", "Out of step", {"drift": found})


def settle(asked: Asked) -> GoTo:
    """Decides whose value of a field holds."""
    side = asked.typed("side")
    if side not in _SIDES:
        raise UsageRefused(f"{side!r} is no side; expected {' or '.join(_SIDES)}")
    with asked.site.database.driver_transaction() as connection:
        named = out_of_step(connection, asked.typed("record"), asked.typed("field"))
    settled = carry_out(asked.ledger, named, side, asked.typed("reason"))
    return GoTo(run_address(settled.run_id))


def push(asked: Asked) -> GoTo:
    """Sends, or rehearses sending, what waits to be sent to Administrate."""
    how = "--yes" if asked.typed("how") == "push" else "--dry-run"
    of = asked.typed("of")
    if of not in _PUSHED:
        raise UsageRefused(f"{of!r} is never pushed; expected {' or '.join(_PUSHED)}")
    return begin(asked, "sync", of, "--push", how)


def _told(one: CurrentDecision) -> dict[str, object]:
    return {
        "position": one.position,
        "decision": one.decision,
        "about": one.about,
        "records": list(one.records),
        "names": list(one.names),
        "reason": one.reason,
        "actor": one.actor,
        "recorded_at": one.recorded_at,
        "run_id": one.run_id and str(one.run_id),
        "until": one.until,
        "sitting": one.sitting,
        "location": one.location,
    }


VIEWS = (View("/decisions", decisions), View("/drift", drift))
ACTIONS = (
    Action("/decisions/withdraw", withdraw, Role.DECIDER),
    Action("/decisions/withdraw-product", withdraw_product, Role.DECIDER),
    Action("/drift/settle", settle, Role.DECIDER),
    Action("/drift/push", push, Role.OPERATOR),
)
