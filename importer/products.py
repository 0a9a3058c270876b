"""Which product of the catalogue a tutorial event is sold as."""

from __future__ import annotations

import re
from collections.abc import Callable

from attrs import define, field, frozen

from importer.reference import Product, Reference
from importer.template import fold

_SITTING = re.compile(r"(20[0-9]{2})([AS])", re.IGNORECASE)
SITTING_FORM = "a year and A (April) or S (September): 2026A"
"""What a sitting is expected to be, for whoever typed another text."""

_MONTHS = {"A": "04", "S": "09"}
_LMS_PARTS = frozenset({"oc", "waitlist"})


def parts_of(code: str) -> tuple[str, ...]:
    """A code's parts at ``_``, ``-`` and spaces, casefolded."""
    return tuple(fold(part) for part in re.split(r"[_\s-]+", code) if part)


def is_lms(course_code: str) -> bool:
    """Whether a template code makes an LMS event: one of its parts is OC or WAITLIST."""
    return not _LMS_PARTS.isdisjoint(parts_of(course_code))


def exam_session(sitting: str) -> str | None:
    """The exam session a sitting means (``2026A``: ``2026-04``), or None for another text."""
    found = _SITTING.fullmatch(sitting.strip())
    return f"{found[1]}-{_MONTHS[found[2].upper()]}" if found else None


def sittings_of(reference: Reference) -> list[str]:
    """The sittings of which the catalogue has active products, the earliest first."""
    letters = {month: letter for letter, month in _MONTHS.items()}
    sessions = sorted({product.exam_session for product in reference.products})
    parted = (session.partition("-") for session in sessions)
    return [f"{year}{letters[month]}" for year, _, month in parted if month in letters]


@frozen
class NoProduct:
    """No product, or several, remain: why, and what remains."""

    reason: str
    candidates: tuple[Product, ...] = ()

    def __str__(self) -> str:
        """The reason and the candidates' codes, in one line."""
        listed = ", ".join(f"{one.code} ({one.fullname})" for one in self.candidates[:10])
        return f"{self.reason}: {listed}" if listed else self.reason


@define
class Catalogue:
    """The active products, by subject and exam session, and what people decided."""

    _subjects: frozenset[str]
    _products: dict[tuple[str, str], list[Product]] = field(factory=dict)
    _by_id: dict[int, Product] = field(factory=dict)
    _decisions: dict[tuple[str, str, str], int] = field(factory=dict)

    @classmethod
    def of(cls, reference: Reference) -> Catalogue:
        """Index the products and decisions of a reference."""
        catalogue = cls(frozenset(fold(subject) for subject in reference.subjects))
        for product in sorted(reference.products, key=lambda one: one.id):
            key = fold(product.subject), product.exam_session
            catalogue._products.setdefault(key, []).append(product)
            catalogue._by_id[product.id] = product
        for taken in reference.decisions:
            asked = fold(taken.course_code), fold(taken.sitting), fold(taken.location)
            catalogue._decisions[asked] = taken.product_id
        return catalogue

    def choose(self, course_code: str, sitting: str, location: str) -> Product | NoProduct:
        """The one product for a template code, a sitting and a location.

        A person's decision goes first. Else the active products of the subject in that sitting,
        narrowed by variation and then by location; a step that nothing satisfies narrows nothing.
        """
        asked = fold(course_code), fold(sitting), fold(location)
        if (decided := self._decisions.get(asked)) is not None:
            product = self._by_id.get(decided)
            return product or NoProduct(f"the product decided on, {decided}, is not active")
        session = exam_session(sitting)
        parts = parts_of(course_code)
        subjects = [part for part in parts if part in self._subjects]
        if not subjects or session is None:
            return NoProduct("no part of the template code is a subject of the catalogue")
        found = [
            one
            for part in dict.fromkeys(subjects)
            for one in self._products.get((part, session), [])
        ]
        rest = tuple(part for part in parts if part not in subjects)
        found = _narrowed(found, lambda one: _is_variation(one, rest))
        found = _narrowed(found, lambda one: _names(one, location))
        if len(found) == 1:
            return found[0]
        shown = " ".join(subjects).upper()
        if not found:
            return NoProduct(f"no active product of {shown} in {session}")
        return NoProduct(f"{len(found)} products of {shown} in {session} fit", tuple(found))


def _narrowed(products: list[Product], fits: Callable[[Product], bool]) -> list[Product]:
    return [one for one in products if fits(one)] or products


def _is_variation(product: Product, rest: tuple[str, ...]) -> bool:
    names = (product.variation_code, product.variation_name)
    return bool(rest) and rest in {parts_of(name) for name in names}


def _names(product: Product, location: str) -> bool:
    place = re.compile(rf"(?<!\w){re.escape(fold(location))}(?!\w)")
    return any(place.search(fold(name)) for name in (product.fullname, product.shortname))
