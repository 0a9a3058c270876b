"""Runs of one command that were not done, one after another: nights that failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from attrs import frozen

from ledger.output.words import local_time


@frozen
class Streak:
    """How many runs of a command in a row were not done, and when the first of them began."""

    runs: int
    since: datetime

    def __str__(self) -> str:
        return f"{self.runs} in a row, since {local_time(self.since)}, were not done"


def not_done_in_a_row(
    connection: psycopg.Connection[Any], command: str, before: int
) -> Streak | None:
    """The runs of a command that began before a position and after the last one that was done;
    None where there is none."""
    [(runs, since)] = connection.execute(
        "SELECT count(*), min(started_at) FROM ledger.runs WHERE command = %(command)s"
        " AND first_position < %(before)s AND first_position > coalesce((SELECT"
        " max(first_position) FROM ledger.runs WHERE command = %(command)s"
        " AND first_position < %(before)s AND state IN ('done', 'undone')), 0)",
        {"command": command, "before": before},
    ).fetchall()
    return Streak(runs, since) if runs else None
