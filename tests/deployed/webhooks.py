"""The web application of May 2026 as it takes Administrate's webhooks: a stand-in for it."""

from __future__ import annotations

from typing import Any

import psycopg
from attrs import field, frozen

from sync.sandbox.control.client import ControlClient


@frozen
class WebApplication:
    """Takes over an event of Administrate's, and its sessions, into tables of May's shape."""

    url: str = field(repr=False)
    control: ControlClient

    def knows(self, title: str) -> bool:
        """Whether Administrate has an event of that title."""
        return any(event["title"] == title for event in self.control.dump("Event"))

    def take(self, title: str) -> None:
        """Does what a delivery about the event of that title leads to, if there is one yet."""
        with psycopg.connect(self.url) as connection:
            self.take_in(connection, title)

    def take_in(self, connection: psycopg.Connection[Any], title: str) -> None:
        """``take`` in a transaction of the caller's."""
        for event in self.control.dump("Event"):
            if event["title"] == title:
                self._take_event(connection, event)

    def _take_event(self, connection: psycopg.Connection[Any], event: dict[str, Any]) -> None:
        row = connection.execute(
            "UPDATE acted.tutorial_events SET external_id = %s, lifecycle_state = 'draft',"
            " max_places = 99, learning_mode = 'BLENDED', web_sale = NULL, sold_out = false,"
            " cancelled = false, updated_at = now() WHERE code = %s RETURNING id",
            (event["id"], event["title"]),
        ).fetchone()
        if row is None:
            return
        _bridge(connection, "events", str(event["id"]), "tutorial_event_id", row[0])
        sessions = [s for s in self.control.dump("Session") if s["parentEventId"] == event["id"]]
        for number, session in enumerate(sorted(sessions, key=lambda one: str(one["id"])), 1):
            found = connection.execute(
                "UPDATE acted.tutorial_sessions SET cancelled = false, url = 'https://taken.example'"
                " WHERE tutorial_event_id = %s AND sequence = %s RETURNING id",
                (row[0], number),
            ).fetchone()
            if found is not None:
                _bridge(connection, "sessions", str(session["id"]), "tutorial_session_id", found[0])


def _bridge(
    connection: psycopg.Connection[Any], table: str, external_id: str, link: str, row_id: int
) -> None:
    """Its ``get_or_create`` by Administrate's id."""
    known = connection.execute(
        f"SELECT FROM adm.{table} WHERE external_id = %s".encode(), (external_id,)
    )
    if known.fetchone() is None:
        connection.execute(
            f"INSERT INTO adm.{table} (external_id, {link}, created_at, updated_at)"
            " VALUES (%s, %s, now(), now())".encode(),
            (external_id, row_id),
        )
