"""One event of the ledger, whole: its payload, and what Administrate answered, as it was stored."""

from __future__ import annotations

from importer.pages.page import Asked, Page, View
from importer.pages.views.timeline import told
from ledger.errors import UsageRefused
from ledger.history.as_json import events_as_json
from ledger.history.record_history import steps
from ledger.history.stored_answers import answer_text, stored_answers
from ledger.store.read import Selection

# Characters of an answer that are shown.
_MOST = 100_000


def ledger_event(asked: Asked) -> Page:
    """The event at a position. Of its answers, the part ``about`` a record, where one is given and
    named there."""
    typed, about = asked.path["position"], asked.given("about")
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 19):
        raise UsageRefused(f"{typed!r} is no position of the ledger")
    only = Selection(positions=[int(typed)])
    with asked.site.database.driver_transaction() as connection:
        step = next(steps(connection, only, called_now=True), None)
        if step is None:
            raise UsageRefused(f"the ledger has no event at position {typed}")
        [whole] = events_as_json(connection, only)
        behind = [one for one in (step.recorded, step.cause) if one is not None]
        answers = [_bounded(one) for one in stored_answers(connection, behind, about)]
    content = {
        "event": told(step),
        "about": about,
        "whole": whole,
        "payload": _bounded(whole["payload"]),
        "answers": answers,
    }
    return Page("ledger_event", f"Event {typed}", content)


def _bounded(stored: object) -> dict[str, object]:
    """JSON for people, as much of it as can be looked at; ``erased`` where it is there no more."""
    if stored is None:
        return {"erased": True, "lines": [], "left": 0}
    text = answer_text(stored)
    return {
        "erased": False,
        "lines": text[:_MOST].splitlines(),
        "left": max(0, len(text) - _MOST),
    }


VIEWS = (View("/ledger/{position}", ledger_event),)
