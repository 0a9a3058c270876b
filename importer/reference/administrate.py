"""Reference data of Administrate, requested once for a workbook: reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from importer.reference.values import Administrator, KnownEvent, Side
from ledger.errors import SettingsError
from sync.administrate.client import Administrate
from sync.administrate.reads import lookups, queries
from sync.administrate.reads.listings import Record

TAX_TYPE = "ADMINISTRATE_TAX_TYPE_ID"
"""The setting that names the tax type of new events."""

_AT_A_TIME = 20
"""The number of numbered codes of a title in one request."""


def administrators(client: Administrate, names: Sequence[str]) -> tuple[Administrator, ...]:
    """Possible event administrators; nothing is requested where the workbook names none."""
    if not names:
        return ()
    return tuple(
        Administrator(_name(contact), str(contact["id"]))
        for contact in lookups.administrators(client)
        if not contact["hasLeftCompany"]
    )


def events_titled(client: Administrate, titles: Iterable[str]) -> tuple[KnownEvent, ...]:
    """The events of those titles, by start day, without cancelled ones."""
    found = lookups.find_among(client, queries.EVENT_KEYS, "title", titles)
    return tuple(
        KnownEvent(template["code"], event["title"], start, Side.ADMINISTRATE, str(event["id"]))
        for event in found
        if event["lifecycleState"] != "cancelled"
        and (template := event["courseTemplate"])
        and (start := _starts(event))
    )


def codes_taken(
    client: Administrate, titles: Sequence[str], known: frozenset[str]
) -> frozenset[str]:
    """The codes in use in Administrate, among those that events of these titles could get.

    ``known`` are the codes in use on the tutorial side.
    """
    taken = _taken(client, titles)
    lacking = {
        title: times - (title not in known | taken) for title, times in Counter(titles).items()
    }
    first = 2
    while lacking := {title: codes for title, codes in lacking.items() if codes > 0}:
        numbered = {
            f"{title}-{n}": title for title in lacking for n in range(first, first + _AT_A_TIME)
        }
        found = _taken(client, numbered)
        taken |= found
        for code, title in numbered.items():
            lacking[title] -= code not in known | found
        first += _AT_A_TIME
    return taken


def tax_type(client: Administrate, environ: Mapping[str, str]) -> str:
    """The id of the tax type that is set, or of the only one. Raises ``SettingsError``."""
    if given := environ.get(TAX_TYPE, "").strip():
        return given
    found = lookups.find_all(client, queries.TAX_TYPES)
    if len(found) == 1:
        return str(found[0]["id"])
    listed = ", ".join(f"{one['id']} ({one['name']})" for one in found)
    raise SettingsError(
        f"Administrate has {len(found)} tax types; set {TAX_TYPE} to the id of one: {listed}"
    )


def _taken(client: Administrate, codes: Iterable[str]) -> frozenset[str]:
    found = lookups.find_among(client, queries.EVENT_KEYS, "code", codes)
    return frozenset(event["code"] for event in found)


def _starts(event: Record) -> date | None:
    start = event["lmsStart"] or event["classroomStart"]
    return date.fromisoformat(start[:10]) if start else None


def _name(contact: Record) -> str:
    name = contact["personalName"] or {}
    return f"{name.get('firstName') or ''} {name.get('lastName') or ''}".strip()
