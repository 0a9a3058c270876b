"""The labels of the custom fields of events and sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from ledger.schema import adm

# The entity type of the custom fields of each table's records.
TYPES = {adm.EVENTS.fullname: "Event", adm.SESSIONS.fullname: "Session"}


def read_labels(
    connection: psycopg.Connection[Any], named: Callable[[str], str] = str
) -> Mapping[str, Mapping[str, str]]:
    """The labels of the custom fields of events and sessions, by entity type and key."""
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    rows = connection.execute(
        f"SELECT entity_type, external_id, label FROM {named('adm.custom_fields')}"
        " WHERE entity_type = ANY(%s) AND label IS NOT NULL",
        (list(TYPES.values()),),
    )
    for kind, key, label in rows.fetchall():
        labels[kind][key] = label
    return labels
