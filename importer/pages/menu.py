"""Every page and every action of the server, and the menu."""

from __future__ import annotations

from importer.pages import records, runs, search
from importer.pages.page import Action, View

# Of each entry, its address and its name.
MENU = (("/runs", "Runs"),)
VIEWS: tuple[View, ...] = (*runs.VIEWS, *records.VIEWS, *search.VIEWS)
ACTIONS: tuple[Action, ...] = ()
