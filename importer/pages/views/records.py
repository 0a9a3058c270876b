"""A record: both sides of its link, why it is linked, and all that happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from attrs import evolve

from importer.pages.addresses import record_address, with_query
from importer.pages.page import Asked, Page, View
from importer.pages.views.drift import drift_of
from importer.pages.views.runs import FAILURES, summary
from importer.pages.views.timeline import told
from ledger.errors import AdmsyncError
from ledger.history.descriptions import DESCRIBERS
from ledger.history.display_names import Called
from ledger.history.find_record import find_record
from ledger.history.name_columns import key_of, keyed
from ledger.history.record_history import (
    Link,
    Step,
    by_run,
    events_about,
    explained,
    link_of,
    steps,
)
from ledger.history.row_as_of import row_as_of
from ledger.history.workbook_rows import origin_of
from ledger.output.words import in_words
from ledger.runs.states import states_of
from ledger.store.positions import position_of

EVENTS_A_PAGE = 100
# Events that say that nothing changed.
_CONFIRMING = ("MatchesReaffirmed",)
_NOT_KEPT = (
    "These columns are those of now: the web application made this row, and the ledger keeps no"
    " past of it."
)
_ONLY = {
    "changes": tuple(kind.__name__ for kind in DESCRIBERS if kind.__name__ not in _CONFIRMING),
    "failures": FAILURES,
}


def record(asked: Asked) -> Page:
    """A record as of a position or a time, or now."""
    typed, only = f"{asked.path['table']}/{asked.path['key']}", asked.given("only")
    with asked.site.database.driver_transaction() as reader:
        at = asked.given("at")
        until = position_of(reader, at) if at else None
        found = find_record(reader, typed).record
        link = link_of(reader, found, until=until)
        called = Called(reader, at=until)
        content = {
            "record": found,
            "name": called.name_of(found) or found,
            "at": at,
            "until": until,
            "link": _link(reader, link, called),
            "sides": [_side(reader, one, called, until) for one in link.sides],
            "origin": _origin(reader, link, until),
            "drift": drift_of(reader, link.sides) if until is None else [],
            "only": only,
            **_timeline(reader, asked, link, until),
        }
    return Page("record", str(content["name"]), content)


def _link(reader: psycopg.Connection[Any], link: Link, called: Called) -> dict[str, object]:
    """The link, the event that made it, and the reasons for it, the other candidates among them."""
    why = explained(reader, [link.decided.event], called)[0] if link.decided else []
    return {
        "other": link.other,
        "other_name": link.other and (called.name_of(link.other) or link.other),
        "since": link.since and link.since.recorded_at,
        "position": link.since and link.since.position,
        "gone": link.gone and link.gone.recorded_at,
        "decided_at": link.decided and link.decided.recorded_at,
        "decided_position": link.decided and link.decided.position,
        "why": why,
    }


def _side(
    reader: psycopg.Connection[Any], name: str, called: Called, until: int | None
) -> dict[str, object]:
    """The row of a record as of a position, or now; none where it was not there. ``note`` says
    where it could not be told as of then."""
    columns, note = (_now(reader, name), "") if until is None else _then(reader, name, until)
    return {
        "record": name,
        "name": called.name_of(name) or name,
        "system": "Administrate" if name.startswith("adm.") else "Tutorial tables",
        "columns": columns,
        "note": note,
    }


def _then(
    reader: psycopg.Connection[Any], name: str, until: int
) -> tuple[Mapping[str, Any] | None, str]:
    """The row as of a position, and what is to be said of it."""
    try:
        then = row_as_of(reader, name, until)
    except AdmsyncError as problem:
        return None, f"The columns of then cannot be told: {problem}"
    return (then.columns, "") if then.known else (_now(reader, name), _NOT_KEPT)


def _now(reader: psycopg.Connection[Any], name: str) -> dict[str, Any] | None:
    table, _, key = name.partition("/")
    condition, values = keyed(table, [key])
    row = reader.execute(
        f"SELECT row_to_json(r) FROM {table} r WHERE {condition} AND {key_of(table)} = %(key)s",
        {**values, "key": key},
    ).fetchone()
    return row[0] if row else None


def _origin(
    reader: psycopg.Connection[Any], link: Link, until: int | None
) -> dict[str, object] | None:
    """The row of a workbook that it was made from."""
    found = origin_of(reader, link.sides, until=until)
    if found is None:
        return None
    return {
        "row": found.row.row,
        "workbook": found.workbook.name,
        "sheet": found.workbook.sheet,
        "position": found.recorded.position,
        "run_id": str(found.recorded.run_id),
        "cells": {name: in_words(cell) for name, cell in found.row.cells.items()},
    }


def _timeline(
    reader: psycopg.Connection[Any], asked: Asked, link: Link, until: int | None
) -> dict[str, object]:
    """A page of the events of both sides, by run; the newest runs first."""
    only = asked.given("only")
    selection = evolve(
        events_about(reader, [link], until=asked.number("before") or until), types=_ONLY.get(only)
    )
    found = list(steps(reader, selection, backwards=True, limit=EVENTS_A_PAGE + 1, called_now=True))
    shown = found[:EVENTS_A_PAGE]
    here = record_address(link.record)
    last = shown[-1].recorded.position if len(found) > len(shown) else None
    at = asked.given("at")
    return {
        "runs": _folded(reader, shown, link.record),
        "older": last and with_query(here, at=at, only=only, before=last - 1),
        "newest": asked.given("before") and with_query(here, at=at, only=only),
    }


def _folded(
    reader: psycopg.Connection[Any], found: Iterable[Step], about: str
) -> list[dict[str, object]]:
    """Events by run. A run that only confirmed is told in a line."""
    groups = [(run_id, list(of_run)) for run_id, of_run in by_run(found)]
    states = states_of(reader, {run_id for run_id, _ in groups if run_id is not None})
    return [
        {
            # Another program may have appended in a run that never began.
            "run": summary(state) if run_id and (state := states.get(run_id)) else None,
            "confirmed": all(type(one.recorded.event).__name__ in _CONFIRMING for one in of_run),
            "events": [told(one, about) for one in of_run],
        }
        for run_id, of_run in groups
    ]


VIEWS = (View("/records/{table}/{key:path}", record),)
