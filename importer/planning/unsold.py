"""Events refused because a person has to choose their product: reported once for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from importer.reference.product_choice import NoProduct, ProductQuery
from importer.validation.verdicts import ProductError, Refused
from ledger.output.words import counted, several

_LISTED = 20


@frozen
class Unsold:
    """A template and a location without one product, with its events: row and title of each."""

    wanted: NoProduct
    events: tuple[tuple[int, str], ...]

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(row for row, _ in self.events)


def unsold_of(refused: Iterable[Refused]) -> list[Unsold]:
    """The products to choose, in the order of the rows."""
    found: dict[ProductQuery, tuple[NoProduct, list[tuple[int, str]]]] = {}
    for event in refused:
        for row in event.rows:
            for error in row.errors:
                if isinstance(error, ProductError):
                    wanted = error.no_product
                    events = found.setdefault(wanted.query.key, (wanted, []))[1]
                    events.append((row.row, event.title))
    return [Unsold(wanted, tuple(events)) for wanted, events in found.values()]


def unsold_lines(unsold: Unsold) -> tuple[str, ...]:
    """The products to choose, from which candidates, and with which command."""
    wanted, count = unsold.wanted, len(unsold.events)
    events = f"{counted(count, 'event')}, {several(count, 'row')} {listed(unsold.rows)}"
    verdict = "a product has to be chosen" if wanted.candidates else "there is no product"
    candidates = [f"{one.code}  {one.title}" for one in wanted.candidates[:_LISTED]]
    if len(wanted.candidates) > _LISTED:
        candidates.append(f"… and {len(wanted.candidates) - _LISTED} more")
    return (
        f"{wanted.query}: {verdict} ({events})",
        wanted.reason,
        *candidates,
        wanted.query.command if wanted.candidates else wanted.remedy,
    )


def unsold_document(unsold: Unsold) -> dict[str, Any]:
    wanted = unsold.wanted
    return {
        "course_template": wanted.query.course_code,
        "location": wanted.query.location,
        "sitting": wanted.query.sitting,
        "rows": list(unsold.rows),
        "reason": wanted.reason,
        "candidates": [
            {"id": one.id, "code": one.code, "title": one.title} for one in wanted.candidates
        ],
        "command": wanted.query.command,
    }


def listed(names: Iterable[object]) -> str:
    """Rows or cells, the first of them by name."""
    them = [str(name) for name in names]
    more = len(them) - _LISTED
    return ", ".join(them[:_LISTED]) + (f" and {more} more" if more > 0 else "")
