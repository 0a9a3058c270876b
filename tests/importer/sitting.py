"""A workbook of a whole sitting, made for where the shared one is not."""

from __future__ import annotations

from datetime import date, timedelta

from tests.importer.rows import TypedRow, a_session, an_event, taught_on

EVENTS = 348


def a_sitting() -> list[TypedRow]:
    """The rows of as many events as a sitting has, with three further sessions each."""
    rows: list[TypedRow] = []
    for number in range(EVENTS):
        rows.append(an_event(title=f"ELO-{number}"))
        for day in (2, 3, 4):
            on = date(2026, 1, 14) + timedelta(weeks=day)
            rows.append(a_session(session_title=f"ELO-{number}-{day}", day=day, **taught_on(on)))
    return rows
