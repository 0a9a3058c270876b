"""The records that a person means by a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from ledger.errors import UsageRefused
from sync.sandbox.records.kinds import CONTACT, COURSE_TEMPLATE, EVENT, VENUE
from sync.sandbox.records.store import Record, Store

_TOLD = 5


def find_event(store: Store, name: str) -> Record:
    """The event of that id, title or code. Raises ``UsageRefused`` where it is none or several."""
    found = store.find(EVENT, name)
    if found is not None:
        return found
    wanted = name.casefold()
    clause = "AND (fold(title) = ? OR fold(code) = ?) ORDER BY number"
    named = store.select(EVENT, clause, (wanted, wanted))
    if not named:
        near = "AND (instr(fold(title), ?) OR instr(fold(code), ?)) ORDER BY number"
        named = store.select(EVENT, near, (wanted, wanted))
    if not named:
        titles = [one["title"] for one in store.select(EVENT, "ORDER BY number DESC LIMIT 2000")]
        named_so = get_close_matches(name, titles, _TOLD)
        raise UsageRefused(f"There is no event {name}.{_perhaps(named_so)}")
    return _only(named, "event", name, lambda one: f"{one['title']} ({one['id']})")


def find_venue(store: Store, name: str, location: str | None) -> Record:
    """The venue of that name, of several that at the location. Raises ``UsageRefused``."""
    named = store.select(VENUE, "AND fold(name) = ? ORDER BY number", (name.casefold(),))
    here = [one for one in named if one["locationId"] == location]
    if not named:
        names = [one["name"] for one in store.select(VENUE)]
        near = _perhaps(get_close_matches(name, names, _TOLD))
        raise UsageRefused(f"There is no venue {name}.{near}")
    return _only(here or named, "venue", name, lambda one: f"{one['name']} ({one['id']})")


def find_instructor(store: Store, name: str) -> Record:
    """The instructor of that first and last name. Raises ``UsageRefused``."""
    wanted = " ".join(name.casefold().split())
    there = [one for one in store.select(CONTACT, "ORDER BY number") if one["isInstructor"]]
    named = [one for one in there if _name(one).casefold() == wanted]
    if not named:
        near = get_close_matches(name, [_name(one) for one in there], _TOLD)
        raise UsageRefused(f"There is no instructor {name}.{_perhaps(near)}")
    return _only(named, "instructor", name, lambda one: f"{_name(one)} ({one['id']})")


def approved_names(store: Store, template: str | None) -> list[str]:
    """The instructors approved for a course template."""
    found = store.find(COURSE_TEMPLATE, template) or {"approvedInstructorIds": []}
    people = (store.get(one) for one in found["approvedInstructorIds"])
    return [_name(one) for one in people if one is not None]


def _only(named: Sequence[Record], what: str, name: str, told: Callable[[Record], str]) -> Record:
    if len(named) > 1:
        some = ", ".join(told(one) for one in named[:_TOLD])
        more = f" and {len(named) - _TOLD} more" if len(named) > _TOLD else ""
        raise UsageRefused(f"There are several: say which {what} {name} is: {some}{more}.")
    return named[0]


def _perhaps(names: Sequence[str]) -> str:
    return f" Did you mean {', or '.join(names)}?" if names else ""


def _name(contact: Record) -> str:
    return f"{contact['firstName']} {contact['lastName']}"
