"""Open discrepancies as rows: pairs of records with their evidence, and products to choose."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import product

from attrs import frozen
from sqlalchemy import Connection

from importer.reference.product_choice import NoProduct, ProductChooser, ProductQuery
from importer.reference.product_decisions import Question
from importer.reference.sittings import sittings_of
from importer.reference.values import Product, Reference
from importer.workbook.template import fold
from ledger.database.connection import driver
from ledger.events import record_name
from sync.discrepancies.by_person import Pair
from sync.discrepancies.current import MATCHED, open_discrepancies
from sync.discrepancies.discrepancy import Discrepancy
from sync.entity import Entity
from sync.reports.discrepancy_lines import evidence_for

Meanings = frozenset[tuple[tuple[str, str], ...]]
_SITTINGS = 3

ACCEPT, REJECT, IGNORE = "accept", "reject", "ignore"
PRODUCT = "product"


@frozen
class OpenPair:
    """An open record, with one candidate where there is one."""

    entity: Entity
    record: str
    label: str
    side: str
    outcome: str
    reason: str
    other: str | None = None
    other_label: str = ""
    score: float | None = None
    evidence: str = ""

    @property
    def identity(self) -> str:
        """The subject of the row, independent of display names."""
        return f"{self.record}|{self.other or ''}"

    @property
    def key(self) -> str:
        """The subject, and a digest of the shown values."""
        shown = (self.label, self.side, self.outcome, self.other_label)
        return f"{self.identity} {_digest(shown)}"

    def pair(self, decision: str) -> Pair:
        """The pair for a decision: an ignore is about the record alone."""
        records = [self.record] if decision == IGNORE else [self.record, self.other or ""]
        table = f"{self.entity.table.fullname}/"
        administrate = next((one for one in records if one.startswith(table)), None)
        tutorial = next((one for one in records if not one.startswith(table)), None)
        return Pair(self.entity, administrate, tutorial)

    def description(self, decision: str) -> str:
        """The pair in words."""
        if decision == IGNORE or self.other is None:
            return repr(self.label)
        return f"{self.label!r} and {self.other_label!r}"


@frozen
class OpenProduct:
    """A template and a location without one product; ``events`` is the number of waiting events."""

    question: Question
    wanted: NoProduct
    events: int = 0

    @property
    def query(self) -> ProductQuery:
        return self.wanted.query

    @property
    def candidates(self) -> tuple[Product, ...]:
        return self.wanted.candidates

    @property
    def identity(self) -> str:
        """The subject of the row, independent of the template's and location's names."""
        own = self.question
        return "|".join((PRODUCT, own.template, own.sitting, own.location))

    @property
    def key(self) -> str:
        """The subject, and a digest of the shown values."""
        products = [f"{one.code} {one.title}" for one in self.candidates]
        shown = (fold(self.query.course_code), fold(self.query.location), *products)
        return f"{self.identity} {_digest(shown)}"


def open_pairs(connection: Connection) -> Iterator[OpenPair]:
    """All open discrepancies about records, grouped by entity; nothing is fetched."""
    for entity in MATCHED:
        for discrepancy in open_discrepancies(driver(connection), entity):
            yield from _pairs_of(entity, discrepancy)


def _pairs_of(entity: Entity, discrepancy: Discrepancy) -> Iterator[OpenPair]:
    """The discrepancy, a row with each candidate or suggestion, or alone."""
    tables = (entity.table.fullname, entity.matched.table)
    across = tables[discrepancy.record.startswith(f"{tables[0]}/")]
    weighed = zip(discrepancy.candidate_records, discrepancy.candidates, strict=True)
    others = [(one, _called(label, one)) for one, label in weighed if one.startswith(f"{across}/")]
    about = OpenPair(
        entity,
        discrepancy.record,
        _called(discrepancy.label, discrepancy.record),
        discrepancy.side,
        discrepancy.outcome,
        discrepancy.reason,
    )
    for record, label in others:
        yield _with(about, record, label, None, discrepancy.reason)
    offered = [
        one for one in discrepancy.offered if one.record not in discrepancy.candidate_records
    ]
    for one in offered:
        evidence = "; ".join(evidence_for(one))
        yield _with(about, one.record, _called(one.name, one.record), one.score, evidence)
    if not others and not offered:
        yield about


def _called(label: str, record: str) -> str:
    """A record's display name with its key, which distinguishes namesakes."""
    key = f"({record.partition('/')[2]})"
    return label if label.endswith(key) else f"{label} {key}"


def _with(about: OpenPair, other: str, label: str, score: float | None, evidence: str) -> OpenPair:
    return OpenPair(
        about.entity,
        about.record,
        about.label,
        about.side,
        about.outcome,
        about.reason,
        other,
        label,
        score,
        evidence,
    )


@frozen
class Products:
    """Product questions, by names and by keys of templates and locations."""

    reference: Reference
    catalogue: ProductChooser

    @classmethod
    def of(cls, reference: Reference) -> Products:
        return cls(reference, ProductChooser.of(reference))

    def open(self, queries: Iterable[ProductQuery]) -> list[OpenProduct]:
        """The questions a person can decide, each once, by template and location."""
        found: dict[ProductQuery, OpenProduct] = {}
        for one in queries:
            if (earlier := found.get(one.key)) is not None:
                found[one.key] = OpenProduct(earlier.question, earlier.wanted, earlier.events + 1)
            elif (row := self.row(one)) is not None:
                found[one.key] = OpenProduct(row.question, row.wanted, 1)
        return sorted(found.values(), key=_by_name)

    def several(self) -> list[OpenProduct]:
        """The templates and locations with several products in one of the last sittings on sale;
        once where a decision for the first of these sittings applies to the others, too."""
        sittings = sittings_of(self.reference)[-_SITTINGS:]
        found: dict[tuple[str, str, Meanings], OpenProduct] = {}
        for template in self.reference.course_templates:
            selling = [
                one for one in sittings if len(self.catalogue.fitting(template.code, one)) > 1
            ]
            for sitting, location in product(selling, self.reference.locations):
                row = self.row(ProductQuery(template.code, sitting, location.name))
                if row is not None and row.wanted.is_several:
                    meanings = frozenset(_meaning(one) for one in row.candidates)
                    found.setdefault((template.code, location.name, meanings), row)
        rows = found.values()
        return sorted(rows, key=_by_name)

    def row(self, query: ProductQuery) -> OpenProduct | None:
        """The question, where a person can decide it: template and location are linked, and there
        are products to choose from."""
        wanted = self.catalogue.choose(query.course_code, query.sitting, query.location)
        template = self._templates.get(query.key.course_code)
        place = self._places.get(query.key.location)
        if not isinstance(wanted, NoProduct) or template is None or place is None:
            return None
        if not wanted.candidates:
            return None
        return OpenProduct(
            Question(
                record_name("acted.tutorial_course_templates", template),
                query.key.sitting,
                record_name("acted.tutorial_locations", place),
            ),
            wanted,
        )

    @cached_property
    def _templates(self) -> dict[str, int]:
        return {fold(one.code): one.tutorial_id for one in self.reference.course_templates}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {fold(one.name): one.tutorial_id for one in self.reference.locations}

    def query(self, question: Question) -> ProductQuery | None:
        """A question by today's names; None where template or location is no longer linked."""
        code = self._codes.get(question.template)
        place = self._names.get(question.location)
        return (
            None if code is None or place is None else ProductQuery(code, question.sitting, place)
        )

    @cached_property
    def _codes(self) -> dict[str, str]:
        return {
            record_name("acted.tutorial_course_templates", one.tutorial_id): one.code
            for one in self.reference.course_templates
        }

    @cached_property
    def _names(self) -> dict[str, str]:
        return {
            record_name("acted.tutorial_locations", one.tutorial_id): one.name
            for one in self.reference.locations
        }


def _meaning(one: Product) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(one.meaning.items()))


def _by_name(row: OpenProduct) -> tuple[str, str, str]:
    return row.query.key.sitting, row.query.key.course_code, row.query.key.location


def _digest(shown: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps(list(shown)).encode()).hexdigest()[:16]
