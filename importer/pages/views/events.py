"""Linked events: what is published, on sale, out of step; and what is done to those ticked."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from importer.pages.access import Role
from importer.pages.addresses import with_query
from importer.pages.page import Action, Asked, GoTo, Page, View
from importer.pages.views.started import begin
from ledger.errors import UsageRefused
from ledger.output.plans import plan_document
from sync.changes.chosen import Chosen, read_linked_events
from sync.changes.listing import count_events, read_events
from sync.changes.operations import planned
from sync.changes.reading import read_as_they_are
from sync.changes.shown import shown_plan
from sync.connection import opened_administrate

CANCEL = "cancel"
# What can be done, as the command is typed, and as a person says it.
OPERATIONS = {
    "publish": "Publish",
    "web-sale on": "Put on sale on the web",
    "web-sale off": "Take off sale on the web",
    "sold-out on": "Mark as sold out",
    "sold-out off": "Mark as not sold out",
    CANCEL: "Cancel",
}


# More than a sitting has: all of it can be ticked at once.
EVENTS_A_PAGE = 500


def events(asked: Asked) -> Page:
    """Linked events as the last sync left them: all, or those of a sitting or a state."""
    sitting, state = asked.given("sitting"), asked.given("state")
    after = asked.given("after") or None
    with asked.site.database.driver_transaction() as connection:
        counts = count_events(connection)
        found = read_events(
            connection, sitting or None, state or None, after=after, limit=EVENTS_A_PAGE + 1
        )
    sittings, states = Counter[str](), Counter[str]()
    for (of, in_state), count in counts.items():
        sittings[of] += count
        states[in_state] += count if sitting in ("", of) else 0
    shown = found[:EVENTS_A_PAGE]
    here = {"sitting": sitting, "state": state}
    content = {
        "sitting": sitting,
        "sittings": {of: count for of, count in sittings.items() if of},
        "state": state,
        "states": +states,
        "events": shown,
        "operations": OPERATIONS,
        "first": after and with_query("/events", **here),
        "later": len(found) > len(shown) and with_query("/events", **here, after=shown[-1].record),
    }
    return Page("events", "Events", content)


def plan(asked: Asked) -> Page:
    """What an operation would set of the ticked events, and which it leaves out. Administrate is
    asked for their current state; nothing is written."""
    do, names = asked.given("do"), asked.several("event")
    words, with_bookings = _words(do), bool(asked.given("with_bookings"))
    if not names:
        raise UsageRefused("no event is ticked; tick one or more")
    with opened_administrate(asked.site.database, asked.site.environ) as client:
        found = read_linked_events(asked.site.database, Chosen(names=names))
        current = read_as_they_are(asked.site.database, client, found)
        plan = planned(words, current, datetime.now(UTC), with_bookings=with_bookings)
    content = {
        "do": do,
        "says": OPERATIONS[do],
        "plan": plan_document(shown_plan(words, plan)),
        "chosen": list(names),
        "events": [one.event.record for one in plan.changes],
        "can_have_bookings": do == CANCEL,
        "with_bookings": with_bookings,
    }
    return Page("event_plan", OPERATIONS[do], content)


def carry_out(asked: Asked) -> GoTo:
    """Does it to the events of the plan, in a process of its own."""
    words, names = _words(asked.typed("do")), asked.ticked("event")
    if not names:
        raise UsageRefused("no event is chosen; go back to the plan")
    booked = ("--with-bookings",) if words == [CANCEL] and asked.ticked("with_bookings") else ()
    return begin(asked, "events", *words, *booked, "--yes", "--", *names)


def _words(do: str) -> list[str]:
    if do not in OPERATIONS:
        raise UsageRefused(f"{do!r} is nothing that is done to events")
    return do.split()


VIEWS = (View("/events", events), View("/events/plan", plan))
ACTIONS = (Action("/events/carry-out", carry_out, Role.OPERATOR),)
