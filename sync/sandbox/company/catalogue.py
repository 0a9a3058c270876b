"""The tutorial side's catalogue: subjects, sittings, products, of which each template has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import count, product

from attrs import define, frozen

from sync.sandbox.company.entries import Company

Row = dict[str, object]
Table = tuple[str, Iterator[Row]]

LOADED = datetime(2025, 9, 1, 8, 0, tzinfo=UTC)
STAMPS: Row = {"created_at": LOADED, "updated_at": LOADED}


def numbered(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows with ids from 1, and the time they were loaded."""
    return ({"id": number, **row, **STAMPS} for number, row in zip(count(1), rows, strict=False))


def subject_and_variation(code: str) -> tuple[str, str]:
    """``CB1_LO_6`` is subject CB1 in variation LO_6; ``OC_CB1`` is CB1 in variation OC."""
    if code.startswith("OC_"):
        return code.removeprefix("OC_"), "OC"
    subject, _, variation = code.partition("_")
    return subject, variation


@frozen
class Offer:
    """Something sold each sitting: a subject, a catalogue product, a variation of it."""

    subject: str
    product: str
    variation: str


@define
class Catalogue:
    """The numbers of the catalogue's rows, to which the rows of later tables refer."""

    subjects: dict[str, int]
    sittings: dict[str, int]
    variations: dict[tuple[str, str], int]
    products: dict[str, tuple[int, str]]
    offers: list[Offer]

    @property
    def pairs(self) -> dict[tuple[str, str], int]:
        """Product and variation → the id of the row that joins them."""
        joined = dict.fromkeys((offer.product, offer.variation) for offer in self.offers)
        return dict(zip(joined, count(1), strict=False))

    def product_number(self, offer: Offer, sitting: str) -> int:
        """The id of the product that sells the offer in a sitting."""
        return list(self.sittings).index(sitting) * len(self.offers) + self.offers.index(offer) + 1


def offer_at(company: Company, code: str, location: str) -> Offer:
    """What a course template is sold as at a location; face to face, each has its own product."""
    subject, variation = subject_and_variation(code)
    family = variation.split("_")[0]
    name = company.values["products"][family]["name"]
    everywhere = family in ("LO", "OC")
    return Offer(subject, name if everywhere else f"{name} {location}", variation)


def catalogue(company: Company) -> Catalogue:
    tutorials = [
        offer_at(company, entry["code"], location)
        for entry in company.section("course_templates")
        for location in entry["offered_at"]
    ]
    subjects = [entry["code"] for entry in company.section("subjects")]
    materials = [
        Offer(subject, material["name"], variation)
        for material in company.section("materials")
        for subject, variation in product(subjects, material["variations"])
    ]
    offers = list(dict.fromkeys((*tutorials, *materials)))
    kinds = dict.fromkeys(materials, "Material")
    variations = dict.fromkeys((kinds.get(one, "Tutorial"), one.variation) for one in offers)
    names = dict.fromkeys(offer.product for offer in offers)
    return Catalogue(
        dict(zip(subjects, count(1), strict=False)),
        {one["code"]: at for at, one in enumerate(company.section("sittings"), start=1)},
        dict(zip(variations, count(1), strict=False)),
        {name: (at, f"P{at:03}") for at, name in enumerate(names, start=1)},
        offers,
    )


def at_nine(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(9), UTC)


def _products(made: Catalogue) -> Iterator[Row]:
    """One active product for each offer and sitting, then withdrawn ones of one subject."""
    pairs, per_sitting = made.pairs, len(made.subjects)
    withdrawn = [offer for offer in made.offers if offer.subject == "CM1"]
    for active, offers in ((True, made.offers), (False, withdrawn)):
        for (sitting, at), offer in product(made.sittings.items(), offers):
            code = f"{offer.subject}/{made.products[offer.product][1]}{offer.variation}/{sitting}"
            yield {
                "exam_session_subject_id": (at - 1) * per_sitting + made.subjects[offer.subject],
                "product_product_variation_id": pairs[offer.product, offer.variation],
                "product_code": code if active else f"{code}/withdrawn",
                "is_active": active,
            }


def catalogue_tables(company: Company, made: Catalogue) -> Iterator[Table]:
    without_code = company.values["variations_without_code"]
    variation_numbers = {name: number for (_, name), number in made.variations.items()}
    tables: dict[str, Iterator[Row]] = {
        "catalog_subjects": (
            {"code": one["code"], "description": one["description"], "active": True}
            for one in company.section("subjects")
        ),
        "catalog_exam_sessions": (
            {
                "session_code": one["code"],
                "start_date": at_nine(one["start"]),
                "end_date": at_nine(one["end"]),
            }
            for one in company.section("sittings")
        ),
        "catalog_exam_session_subjects": (
            {"exam_session_id": session, "subject_id": subject, "is_active": True}
            for session, subject in product(made.sittings.values(), made.subjects.values())
        ),
        "catalog_product_variations": (
            {"variation_type": kind, "name": name, "code": None if name in without_code else name}
            for kind, name in made.variations
        ),
        "catalog_products": (
            {"fullname": name, "shortname": name[:32], "code": code}
            for name, (_, code) in made.products.items()
        ),
        "catalog_product_product_variations": (
            {
                "product_id": made.products[name][0],
                "product_variation_id": variation_numbers[variation],
            }
            for name, variation in made.pairs
        ),
        "products": _products(made),
    }
    for name, rows in tables.items():
        yield f"acted.{name}", numbered(rows)
