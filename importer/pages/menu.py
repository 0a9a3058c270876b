"""Every page and every action of the server, and the menu."""

from __future__ import annotations

from importer.pages import runs
from importer.pages.page import Action, View

# Of each entry, its address and its name.
MENU = (("/runs", "Runs"),)
VIEWS: tuple[View, ...] = (*runs.VIEWS,)
ACTIONS: tuple[Action, ...] = ()
