"""The product of an event follows from its template code, its sitting and its location."""

from __future__ import annotations

import pytest
from attrs import evolve

from importer.products import Catalogue, NoProduct, exam_session, sittings_of
from importer.reference import Product, ProductDecision, Reference

LONDON = Product(1, "CB1-LON", "CB1", "2026-04", "Tutorial London", variation_code="f2f_3")
LEEDS = Product(2, "CB1-LEE", "CB1", "2026-04", "Tutorial", "Leeds 3 days", variation_name="F2F-3")
ONLINE = Product(3, "CB1-LO", "CB1", "2026-04", "Online", variation_name="LO 6")
LATER = Product(4, "CB1-S", "CB1", "2026-09", "Tutorial London", variation_code="f2f_3")
OTHER = Product(5, "CM2", "CM2", "2026-04", "Tutorial London", variation_code="f2f_3")

ALL = Reference(subjects=("CB1", "CM2", "SP9"), products=(LONDON, LEEDS, ONLINE, LATER, OTHER))


@pytest.mark.parametrize(
    ("code", "sitting", "location", "product"),
    [
        ("CB1_LO_6", "2026A", "Live online", ONLINE),
        ("cb1-lo 6", "2026a", "Live online", ONLINE),
        ("CB1_f2f_3", "2026A", "london", LONDON),
        ("CB1_f2f_3", "2026A", "LEEDS", LEEDS),
        ("CB1_f2f_3", "2026S", "London", LATER),
        ("CM2_f2f_5", "2026A", "Bristol", OTHER),
        ("OC_CM2", "2026A", "Online", OTHER),
    ],
)
def test_one_product_is_left(code: str, sitting: str, location: str, product: Product) -> None:
    assert Catalogue.of(ALL).choose(code, sitting, location) == product


@pytest.mark.parametrize(
    ("code", "location", "reason"),
    [
        (
            "CB1_f2f_3",
            "Bristol",
            ("2 products of CB1 in 2026-04 fit: CB1-LON (Tutorial London), CB1-LEE (Tutorial)"),
        ),
        ("SP9_f2f_3", "London", "no active product of SP9 in 2026-04"),
        ("XX1_f2f_3", "London", "no part of the template code is a subject of the catalogue"),
    ],
)
def test_none_or_several_are_told_with_what_is_left(code: str, location: str, reason: str) -> None:
    assert str(Catalogue.of(ALL).choose(code, "2026A", location)) == reason


def test_a_location_is_named_as_a_whole_word() -> None:
    bath = evolve(LONDON, id=6, code="CB1-BATH", fullname="Tutorial Bathgate")
    reference = evolve(ALL, products=(bath, LEEDS))
    assert isinstance(Catalogue.of(reference).choose("CB1_f2f_3", "2026A", "Bath"), NoProduct)


def test_a_persons_decision_goes_before_the_rule() -> None:
    decided = ProductDecision("cb1_F2F_3", "2026a", "bristol", LEEDS.id)
    catalogue = Catalogue.of(evolve(ALL, decisions=(decided,)))
    assert catalogue.choose("CB1_f2f_3", "2026A", "Bristol") == LEEDS


def test_a_decision_for_a_product_that_is_no_longer_active_is_told() -> None:
    decided = ProductDecision("CB1_LO_6", "2026A", "London", 99)
    chosen = Catalogue.of(evolve(ALL, decisions=(decided,))).choose("CB1_LO_6", "2026A", "London")
    assert str(chosen) == "the product decided on, 99, is not active"


@pytest.mark.parametrize(
    ("sitting", "session"),
    [
        ("2026A", "2026-04"),
        ("2026s", "2026-09"),
        ("26A", None),
        ("2026B", None),
        ("2026A ", "2026-04"),
    ],
)
def test_a_sitting_means_an_exam_session(sitting: str, session: str | None) -> None:
    assert exam_session(sitting) == session


def test_the_sittings_on_sale_are_those_of_the_active_products() -> None:
    assert sittings_of(ALL) == ["2026A", "2026S"]
