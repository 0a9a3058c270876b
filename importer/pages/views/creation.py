"""Missing records created in Administrate, after a plan, in a process of its own."""

from __future__ import annotations

from importer.pages.access import Role
from importer.pages.page import Action, Asked, GoTo, Page, View
from importer.pages.views.started import begin
from ledger.errors import UsageRefused
from ledger.output.plans import plan_document
from sync.connection import opened_administrate
from sync.missing.chosen import asked_creations
from sync.missing.shown import creation_plan


def plan(asked: Asked) -> Page:
    """What would be created of the chosen records. Administrate is asked for the places that the
    settings leave open; nothing is written."""
    records, within = asked.several("record"), asked.several("within")
    if not records:
        raise UsageRefused("no record is chosen; tick one or more")
    environ = asked.site.environ
    with opened_administrate(asked.site.database, environ) as client:
        found = asked_creations(asked.ledger, client, records, environ)
    is_open = not within and any(len(one.offered) > 1 for one in found.places)
    content = {
        "records": [{"record": one.record, "label": one.label} for one in found.missing],
        "places": [
            {"of": one.entity.many, "what": one.what, "offered": dict(one.offered)}
            for one in found.places
        ],
        "within": list(within),
        "plan": None if is_open else plan_document(creation_plan(found.within(within))),
    }
    return Page("creation", "Create in Administrate", content)


def carry_out(asked: Asked) -> GoTo:
    """Creates the records of the plan."""
    records = asked.ticked("record")
    if not records:
        raise UsageRefused("no record is chosen; go back to the discrepancies")
    within = [f"--in={one}" for one in asked.ticked("within")]
    return begin(asked, "discrepancies", "create", "--yes", *within, "--", *records)


VIEWS = (View("/discrepancies/create", plan),)
ACTIONS = (Action("/discrepancies/create", carry_out, Role.OPERATOR),)
