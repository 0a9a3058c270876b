"""Search over names, ids, codes, runs and files."""

from __future__ import annotations

from typing import Any

import psycopg

from importer.pages.page import Asked, Page, View
from importer.pages.views.runs import summary
from ledger.errors import UsageRefused
from ledger.history.find_record import find_records
from ledger.history.search import Found, records_named_in_part, records_named_nearly
from ledger.runs.states import RunState, find_run, states_in

_MOST_RUNS = 20


def search(asked: Asked) -> Page:
    """What goes by what was typed, in whole, in part, or nearly."""
    typed = asked.given("q")
    exact: list[Found] = []
    part: list[Found] = []
    near: list[Found] = []
    runs: list[RunState] = []
    if typed:
        with asked.site.database.driver_transaction() as connection:
            exact = find_records(connection, typed, former=bool(asked.given("former")))
            part = [one for one in records_named_in_part(connection, typed) if one not in exact]
            if not (exact or part):
                near = records_named_nearly(connection, typed)
            runs = _runs_of(connection, typed)
        runs = runs or _run_called(asked, typed)
    content = {
        "q": typed,
        "former": bool(asked.given("former")),
        "exact": exact,
        "part": part,
        "near": near,
        "runs": [summary(one) for one in runs],
    }
    return Page("search", f"Search: {typed}" if typed else "Search", content)


def _runs_of(connection: psycopg.Connection[Any], typed: str) -> list[RunState]:
    """The runs of a workbook whose name has the text in it."""
    return states_in(
        connection,
        "strpos(lower(r.options ->> 'file'), lower(%(typed)s)) > 0",
        {"typed": typed},
        limit=_MOST_RUNS,
    )


def _run_called(asked: Asked, typed: str) -> list[RunState]:
    """The run whose id begins or ends so."""
    try:
        return [find_run(asked.site.database, typed)]
    except UsageRefused:
        return []


VIEWS = (View("/search", search),)
