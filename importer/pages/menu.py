"""Every page and every action of the server, and the menu."""

from __future__ import annotations

from importer.pages.page import Action, View
from importer.pages.views import (
    charts,
    creation,
    decisions,
    discrepancies,
    events,
    imports,
    ledger_event,
    records,
    rollback,
    run_actions,
    runs,
    search,
    spreadsheet,
    started,
    today,
)

# Of each entry, its address and its name, and what the addresses of its pages begin with.
MENU = (
    ("/today", "Today", ("/today", "/charts")),
    ("/discrepancies", "Discrepancies", ("/discrepancies", "/drift", "/decisions")),
    ("/import", "Import", ("/import",)),
    ("/events", "Events", ("/events",)),
    ("/runs", "Runs", ("/runs", "/commands", "/ledger")),
)
VIEWS: tuple[View, ...] = (
    *today.VIEWS,
    *charts.VIEWS,
    *discrepancies.VIEWS,
    *creation.VIEWS,
    *spreadsheet.VIEWS,
    *decisions.VIEWS,
    *imports.VIEWS,
    *rollback.VIEWS,
    *events.VIEWS,
    *runs.VIEWS,
    *records.VIEWS,
    *ledger_event.VIEWS,
    *search.VIEWS,
    *started.VIEWS,
)
ACTIONS: tuple[Action, ...] = (
    *run_actions.ACTIONS,
    *discrepancies.ACTIONS,
    *creation.ACTIONS,
    *spreadsheet.ACTIONS,
    *decisions.ACTIONS,
    *imports.ACTIONS,
    *rollback.ACTIONS,
    *events.ACTIONS,
)
