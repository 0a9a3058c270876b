"""The web application of May 2026 as it takes Administrate's webhooks: a stand-in for it.

It finds the tutorial event whose ``code`` is the title, overwrites in it and in its sessions what
is Administrate's, and inserts the bridge rows that it does not find by Administrate's ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from attrs import define, field, frozen

from sync.sandbox.control.client import ControlClient
from tests.receiver import receiving

QUERY = """
query($objectid: String!) {
  events(filters: [{ field: id, operation: eq, value: $objectid }]) {
    edges { node {
      id title lifecycleState learningMode timeZoneName timeZonedLmsStart timeZonedLmsEnd
      registrationDeadline minPlaces maxPlaces isSoldOut
      courseTemplate { id } location { id } venue { id }
      customFieldValues { definition { label } value }
      sessions(first: 100) { edges { node {
        id title lifecycleState timeZonedStart timeZonedEnd location { id } venue { id }
        customFieldValues { definition { label } value }
      } } }
    } }
  }
}
"""
# A delivery that waits longer for somebody's lock is answered as failed, and comes again.
_LOCK_TIMEOUT = "1s"
Node = Mapping[str, Any]


@frozen
class Overwritten:
    """A value of a tutorial row, before and after a delivery."""

    table: str
    row_id: int
    column: str
    before: Any
    after: Any


@define
class WebApplication:
    """Takes deliveries into tables of May's shape; ``keeps``: it keeps them for later instead."""

    url: str = field(repr=False)
    control: ControlClient
    address: str = ""
    keeps: bool = False
    kept: list[dict[str, Any]] = field(factory=list)
    overwritten: list[Overwritten] = field(factory=list)

    @classmethod
    @contextmanager
    def serving(cls, url: str, control: ControlClient) -> Iterator[WebApplication]:
        """The web application of a database, registered with the sandbox."""
        web = cls(url, control)
        with receiving(lambda _path, body: web.take(json.loads(body))) as web.address:
            web.register()
            yield web

    def register(self, *, at_once: bool = False) -> None:
        self.control.set_webhook(self.address, QUERY, at_once=at_once)

    def knows(self, title: str) -> bool:
        """Whether Administrate has an event of that title."""
        return any(event["title"] == title for event in self.control.dump("Event"))

    def hear_of(self, title: str) -> None:
        """Administrate delivers what it has of that title, twice."""
        before = self.control.deliveries()
        for event in self.control.dump("Event"):
            if event["title"] == title:
                self.control.edit(event["id"])
        self.control.deliver(*(n for n in self.control.deliveries() if n not in before))

    def take(self, body: dict[str, Any]) -> int:
        """Takes a delivery; the status that it is answered with."""
        if self.keeps:
            self.kept.append(body)
            return 200
        try:
            with psycopg.connect(self.url) as connection:
                connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'".encode())
                done = self.take_in(connection, body)
        except psycopg.Error:
            return 500
        self.overwritten += done
        return 200

    def take_in(
        self, connection: psycopg.Connection[Any], body: Mapping[str, Any]
    ) -> list[Overwritten]:
        """What a delivery leads to, in a transaction of the caller's."""
        done: list[Overwritten] = []
        for edge in body["payload"]["events"]["edges"]:
            done += _take_event(connection, edge["node"])
        return done


def _take_event(connection: psycopg.Connection[Any], node: Node) -> list[Overwritten]:
    found = connection.execute(
        "SELECT id FROM acted.tutorial_events WHERE code = %s", (node["title"],)
    ).fetchone()
    if found is None:
        return []
    custom = _custom(node)
    deadline = connection.execute(
        "SELECT %s::timestamp AT TIME ZONE %s", (node["registrationDeadline"], node["timeZoneName"])
    ).fetchone()
    values = {
        "external_id": node["id"],
        "lifecycle_state": node["lifecycleState"],
        "cancelled": node["lifecycleState"] == "cancelled",
        "learning_mode": node["learningMode"].upper(),
        "timezone": node["timeZoneName"],
        "lms_start_date": node["timeZonedLmsStart"],
        "lms_end_date": node["timeZonedLmsEnd"],
        "registration_deadline": deadline and deadline[0],
        "min_places": node["minPlaces"],
        "max_places": node["maxPlaces"],
        "sold_out": bool(node["isSoldOut"]),
        "is_soldout": bool(node["isSoldOut"]),
        "event_url": custom.get("URL"),
        "web_sale": _flag(custom.get("Web sale")),
        "course_template_id": _linked(connection, "course_templates", "id", node["courseTemplate"]),
        **_places(connection, node),
    }
    done = _overwrite(connection, "acted.tutorial_events", found[0], values)
    _bridge(connection, "events", node["id"], "tutorial_event_id", found[0])
    sessions = [edge["node"] for edge in node["sessions"]["edges"]]
    sessions.sort(key=lambda one: str(one["id"]))
    for number, session in enumerate(sessions, start=1):
        done += _take_session(connection, found[0], number, session)
    return done


def _take_session(
    connection: psycopg.Connection[Any], event: int, number: int, node: Node
) -> list[Overwritten]:
    """A session's row is the one of its bridge row, else the one of its day, else of its place."""
    custom = _custom(node)
    found = connection.execute(
        "SELECT t.id FROM adm.sessions b JOIN acted.tutorial_sessions t"
        " ON t.id = b.tutorial_session_id WHERE b.external_id = %s",
        (node["id"],),
    ).fetchone()
    if found is None:
        found = connection.execute(
            "SELECT id FROM acted.tutorial_sessions"
            " WHERE tutorial_event_id = %s AND sequence::text = %s",
            (event, custom.get("Day") or str(number)),
        ).fetchone()
    if found is None:
        return []
    values = {
        "title": node["title"][:255],
        "start_date": node["timeZonedStart"],
        "end_date": node["timeZonedEnd"],
        "cancelled": node["lifecycleState"] == "cancelled",
        "url": custom.get("URL"),
        **_places(connection, node),
    }
    done = _overwrite(connection, "acted.tutorial_sessions", found[0], values)
    _bridge(connection, "sessions", node["id"], "tutorial_session_id", found[0])
    return done


def _custom(node: Node) -> dict[str, Any]:
    return {one["definition"]["label"]: one["value"] or None for one in node["customFieldValues"]}


def _flag(text: str | None) -> bool | None:
    return None if text is None else text.lower() in ("true", "y", "yes", "1")


def _places(connection: psycopg.Connection[Any], node: Node) -> dict[str, int | None]:
    return {
        f"{kind}_id": _linked(connection, f"{kind}s", f"tutorial_{kind}_id", node[kind])
        for kind in ("location", "venue")
    }


def _linked(
    connection: psycopg.Connection[Any], table: str, column: str, record: Node | None
) -> int | None:
    """What its own tables say a record of Administrate is."""
    found = connection.execute(
        f"SELECT {column} FROM adm.{table} WHERE external_id = %s".encode(),
        (record and record["id"],),
    ).fetchone()
    return found and found[0]


def _overwrite(
    connection: psycopg.Connection[Any], table: str, row_id: int, values: Mapping[str, Any]
) -> list[Overwritten]:
    """Saves a row whole, as the web application does."""
    names = ", ".join(values)
    read = f"SELECT {names} FROM {table} WHERE id = %s FOR UPDATE".encode()
    before = connection.execute(read, (row_id,)).fetchone()
    marks = ", ".join("%s" for _ in values)
    connection.execute(
        f"UPDATE {table} SET ({names}, updated_at) = ({marks}, now()) WHERE id = %s".encode(),
        (*values.values(), row_id),
    )
    after = connection.execute(read, (row_id,)).fetchone()
    if before is None or after is None:
        return []
    return [
        Overwritten(table, row_id, name, was, now)
        for name, was, now in zip(values, before, after, strict=True)
        if was != now
    ]


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
