"""What a sync came to, ids and times aside: to compare one run with another of another database."""

from __future__ import annotations

import json
from typing import Any

from ledger.schema import adm
from tests.sync.company import Company

_TIMES = {"created_at", "updated_at", "last_synced"}
# What counts up, and so differs where an attempt was given up.
_IDS = {"id", "row_id", "row_ids", "course_template_id", "price_level_id"}
# Said of a run that was interrupted, and of none other.
_OF_INTERRUPTION = ("RunStarted", "RunInterrupted", "RunResumed")


def outcome(company: Company) -> dict[str, list[Any]]:
    """The rows of every bridge table, and the events of every type, each in an order of its own."""
    return {**_tables(company), **_events(company)}


def _tables(company: Company) -> dict[str, list[Any]]:
    found = {
        name: [row for (row,) in company.rows(f"SELECT to_jsonb(t) FROM {name} t")]
        for name in adm.BY_NAME
    }
    keys = {name: {row["id"]: row["external_id"] for row in rows} for name, rows in found.items()}
    return {
        name: _sorted(_told(adm.BY_NAME[name], row, keys) for row in rows)
        for name, rows in found.items()
    }


def _told(table: Any, row: dict[str, Any], keys: dict[str, dict[int, str]]) -> dict[str, Any]:
    """A row with the Administrate ids of those it refers to in place of their primary keys."""
    told = {name: value for name, value in row.items() if name not in _TIMES | {"id"}}
    for column in table.columns:
        if column.refers_to.startswith("adm.") and column.refers_to.endswith(".id"):
            told[column.name] = keys[column.referred].get(row[column.name])
    return told


def _events(company: Company) -> dict[str, list[Any]]:
    rows = company.rows("SELECT type, stream, payload FROM ledger.events")
    told: dict[str, list[Any]] = {}
    for kind, stream, payload in rows:
        if kind not in _OF_INTERRUPTION:
            about = "run" if stream.startswith("run/") else stream
            told.setdefault(kind, []).append([about, _plain(payload)])
    return {kind: _sorted(events) for kind, events in told.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if "$personal" in value:
            return "a person's"  # its digest is salted
        timed = _IDS | {"milliseconds", "digest"}
        return {name: _plain(item) for name, item in value.items() if name not in timed}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _sorted(items: Any) -> list[Any]:
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
