"""Chooses the catalogue product of a tutorial event.

The rule, in order: a person's decision; the sitting's tutorials of the event's course template; of
these, the one at the event's location. A step without a match refuses. There is no elimination: the
only product left may belong to another course.
"""

from __future__ import annotations

import shlex
from functools import cached_property

from attrs import define, field, frozen

from importer.reference.place_names import PlaceNames
from importer.reference.sittings import exam_session, sitting_of
from importer.reference.values import Product, ProductDecision, RecordKind, Reference
from importer.workbook.template import fold, parts_of
from ledger.output.words import counted

_LENGTHS = ("f", "h", "b", "pd")
"""The suffix of a variation after its template's number of days: full or half days, bundle,
preparation day."""

_LISTED = 10


@frozen
class ProductQuery:
    """The input of a product choice: a template code, a sitting and a location's name."""

    course_code: str
    sitting: str
    location: str

    @property
    def key(self) -> ProductQuery:
        """The same, normalised for comparison: outer spaces and case do not count."""
        return ProductQuery(
            fold(self.course_code), self.sitting.strip().upper(), fold(self.location)
        )

    @property
    def command(self) -> str:
        """The command that decides it, with a placeholder for the product."""
        typed = (self.course_code, self.sitting, self.location)
        words = " ".join(shlex.quote(word) for word in typed)
        return f"admsync choose-product {words} PRODUCT --reason WHY"

    def __str__(self) -> str:
        """``CB1_LO_6 at Live online in 2026A``."""
        return f"{self.course_code} at {self.location} in {self.sitting}"


@frozen
class Chosen:
    """The product of an event, and the result of each step of the rule, in words."""

    product: Product
    steps: tuple[str, ...]


@frozen
class NoProduct:
    """None or several products match: the question, the reason, and the candidates; ``is_several``
    where all of these match."""

    query: ProductQuery
    reason: str
    candidates: tuple[Product, ...] = ()
    is_several: bool = False

    @property
    def remedy(self) -> str:
        """The next step for a person: choose a product or, without candidates, put one on sale."""
        if self.candidates:
            return f"say which: {self.query.command}"
        session = exam_session(self.query.sitting) or self.query.sitting
        return f"put one on sale in the catalogue, in {session}"

    def __str__(self) -> str:
        """The reason and the candidates' codes and names, in one line."""
        listed = ", ".join(f"{one.code} ({one.title})" for one in self.candidates[:_LISTED])
        more = len(self.candidates) - _LISTED
        rest = f" and {more} more" if more > 0 else ""
        return f"{self.reason}: {listed}{rest}" if listed else self.reason


@frozen
class _Fitting:
    """The tutorials of a sitting that a template code can mean, and those of its template."""

    summary: str
    tutorials: tuple[Product, ...]
    of_template: tuple[Product, ...]


@define(slots=False)
class ProductChooser:
    """The tutorials on sale and people's choices, indexed once for a workbook."""

    _reference: Reference
    _answers: dict[ProductQuery, Chosen | NoProduct] = field(factory=dict)
    _fitting: dict[tuple[str, str], _Fitting] = field(factory=dict)

    @classmethod
    def of(cls, reference: Reference) -> ProductChooser:
        """The catalogue of a reference."""
        return cls(reference)

    def choose(self, course_code: str, sitting: str, location: str) -> Chosen | NoProduct:
        """The one product for a template code, a sitting and a location, or the reason why there is
        none."""
        query = ProductQuery(course_code.strip(), sitting.strip().upper(), location.strip())
        if query.key not in self._answers:
            self._answers[query.key] = self._choose(query)
        return self._answers[query.key]

    def fitting(self, course_code: str, sitting: str) -> tuple[Product, ...]:
        """The tutorials of a sitting for a course template, at any location."""
        return self._of_template(ProductQuery(course_code, sitting.strip().upper(), "")).of_template

    def decision(self, query: ProductQuery) -> ProductDecision | None:
        """The decision for a sitting: the newest one of the latest sitting until then."""
        holding = [
            (one.sitting, order, one)
            for order, one in enumerate(self._decisions.get(query.key.course_code, ()))
            if fold(one.location) == query.key.location and one.holds_in(query.sitting)
        ]
        return max(holding, key=lambda one: one[:2])[2] if holding else None

    def _choose(self, query: ProductQuery) -> Chosen | NoProduct:
        steps: list[str] = []
        if (decision := self.decision(query)) is not None:
            sold = self._sold_as(decision, query)
            if len(sold) == 1:
                return Chosen(sold[0], (decision.source,))
            if len(sold) > 1:
                reason = f"{len(sold)} products are what was decided on ({decision.source})"
                return NoProduct(query, reason, sold, is_several=True)
            named = self._by_id.get(decision.product_id)
            called = named.code if named else str(decision.product_id)
            if decision.sitting == query.sitting:
                return NoProduct(query, f"the product decided on, {called}, is not active")
            steps.append(f"{query.sitting} does not sell what was decided on, {called}")
        return self._by_rule(query, steps)

    def _by_rule(self, query: ProductQuery, steps: list[str]) -> Chosen | NoProduct:
        found = self._of_template(query)
        if not found.tutorials:
            return NoProduct(query, "; ".join((*steps, found.summary)))
        steps.append(found.summary)
        if not found.of_template:
            reason = f"none of them is a tutorial of {query.course_code}"
            return NoProduct(query, "; ".join((*steps, reason)), found.tutorials)
        steps.append(f"{len(found.of_template)} of {query.course_code}")
        there = tuple(one for one in found.of_template if self._is_at(one, query))
        if not there:
            reason = f"none of them is sold at {query.location}"
            return NoProduct(query, "; ".join((*steps, reason)), found.of_template)
        if len(there) > 1:
            return NoProduct(
                query,
                "; ".join((*steps, f"{len(there)} of them fit {query.location}")),
                there,
                is_several=True,
            )
        anywhere = "at any location" if there[0].anywhere else f"at {query.location}"
        return Chosen(there[0], (*steps, f"1 {anywhere}"))

    def _of_template(self, query: ProductQuery) -> _Fitting:
        key = query.key.course_code, query.sitting
        if key not in self._fitting:
            self._fitting[key] = self._fit(query)
        return self._fitting[key]

    def _fit(self, query: ProductQuery) -> _Fitting:
        parts = parts_of(query.course_code)
        subjects = list(dict.fromkeys(part for part in parts if part in self._subjects))
        wanted = _variations(parts, tuple(part for part in parts if part not in subjects))
        template = self._templates.get(query.key.course_code)
        tutorials = tuple(
            one
            for one in self._by_sitting.get(query.sitting, ())
            if fold(one.subject) in subjects
            or (template is not None and one.template_id == template)
        )
        of_template = tuple(
            one
            for one in tutorials
            if (
                one.template_id == template
                if one.template_id is not None
                else not wanted.isdisjoint(map(parts_of, one.variations))
            )
        )
        shown, session = " ".join(subjects).upper(), exam_session(query.sitting)
        if not subjects and not tutorials:
            summary = "no part of the template code is a subject of the catalogue"
        elif not tutorials:
            summary = f"no active tutorial of {shown} in {session}"
        else:
            of = shown or query.course_code
            summary = f"{counted(len(tutorials), 'tutorial')} of {of} in {session}"
        return _Fitting(summary, tutorials, of_template)

    def _sold_as(self, decision: ProductDecision, query: ProductQuery) -> tuple[Product, ...]:
        """The product of a decision in a sitting: the named one, or its equivalent there."""
        named = self._by_id.get(decision.product_id)
        if named is not None and named in self._by_sitting.get(query.sitting, ()):
            return (named,)
        meaning = decision.meaning
        if named is not None and meaning and named.meaning.keys() != meaning.keys():
            meaning = named.meaning  # decided in another shape of the catalogue: the product stays
        alike = (
            one
            for one in self._by_sitting.get(query.sitting, ())
            if meaning and one.meaning == meaning
        )
        return tuple(alike)

    def _is_at(self, product: Product, query: ProductQuery) -> bool:
        """Whether a product is sold at the location: by key, or by name."""
        if product.anywhere or product.location_id is not None:
            return product.anywhere or product.location_id == self._places.get(query.key.location)
        names = product.fullname, product.shortname
        return self._place_names.is_named_in(query.location, *names)

    @cached_property
    def _subjects(self) -> frozenset[str]:
        return frozenset(fold(subject) for subject in self._reference.subjects)

    @cached_property
    def _templates(self) -> dict[str, int]:
        return {fold(one.code): one.tutorial_id for one in self._reference.course_templates}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {fold(one.name): one.tutorial_id for one in self._reference.locations}

    @cached_property
    def _place_names(self) -> PlaceNames:
        linked = (one.name for one in self._reference.locations)
        other = (one.name for one in self._reference.unlinked if one.entity is RecordKind.LOCATION)
        return PlaceNames.of((*linked, *other))

    @cached_property
    def _by_id(self) -> dict[int, Product]:
        known = (*self._reference.inactive_products, *self._reference.products)
        return {one.id: one for one in known}

    @cached_property
    def _by_sitting(self) -> dict[str, list[Product]]:
        found: dict[str, list[Product]] = {}
        for one in sorted(self._reference.products, key=lambda one: (one.code, one.id)):
            if (sitting := sitting_of(one.exam_session)) is not None:
                found.setdefault(sitting, []).append(one)
        return found

    @cached_property
    def _decisions(self) -> dict[str, list[ProductDecision]]:
        found: dict[str, list[ProductDecision]] = {}
        for one in self._reference.decisions:
            found.setdefault(fold(one.course_code), []).append(one)
        return found


def _variations(parts: tuple[str, ...], rest: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """The names of a template's variation: its code without the subject, with or without the length
    of a day behind it; or, in an older generation, its whole code."""
    if not rest:
        return frozenset({parts})
    *first, last = rest
    return frozenset({parts, rest, *((*first, last + length) for length in _LENGTHS)})
