"""The product of an event follows from its template code, its sitting and its location."""

from __future__ import annotations

import pytest
from attrs import evolve

from importer.reference.product_choice import Chosen, NoProduct, ProductChooser, ProductQuery
from importer.reference.sittings import exam_session, sitting_of, sittings_of
from importer.reference.values import (
    CourseTemplate,
    Location,
    Product,
    ProductDecision,
    RecordKind,
    Reference,
    Side,
    UnlinkedRecord,
)

LONDON = Product(1, "CB1-LON", "CB1", "2026-04", "Tutorial - London", variation_code="F2F_3F")
LEEDS = Product(2, "CB1-LEE", "CB1", "2026-04", "Tutorial", "Leeds", variation_name="f2f_3")
BUNDLE = Product(3, "CB1-LO6B", "CB1", "2026-04", "Tutorial - Live online", variation_code="LO_6B")
HALVES = Product(4, "CB1-LO6H", "CB1", "2026-04", "Tutorial - Live online", variation_code="LO_6H")
LATER = Product(5, "CB1-S", "CB1", "2026-09", "Tutorial - London", variation_code="f2f_3f")
PREPARED = Product(6, "CM2-PD", "CM2", "26", "Tutorial - London", variation_code="F2F_1PD")
OLDER = Product(7, "CM2-OLD", "CM2", "26", "Tutorial - London", variation_code="cm2_F2F_5")
CLASSROOM = Product(
    8, "CB1-OC", "CB1", "2026-04", "Tutorial - Online", variation_code="OC", anywhere=True
)
ALL = Reference(
    subjects=("CB1", "CM2", "SP9"),
    products=(LONDON, LEEDS, BUNDLE, HALVES, LATER, PREPARED, OLDER, CLASSROOM),
)


def chosen(reference: Reference, code: str, sitting: str, location: str) -> Product | str:
    """The product, or why there is none."""
    found = ProductChooser.of(reference).choose(code, sitting, location)
    return found.product if isinstance(found, Chosen) else str(found)


@pytest.mark.parametrize(
    ("code", "sitting", "location", "product"),
    [
        ("CB1_f2f_3", "2026A", "london", LONDON),
        ("cb1_F2F_3", "2026a", " London ", LONDON),
        ("CB1_f2f_3", "2026A", "LEEDS", LEEDS),
        ("CB1_f2f_3", "2026S", "London", LATER),
        ("CM2_f2f_1", "2026A", "London", PREPARED),
        ("CM2_f2f_5", "2026A", "London", OLDER),
        ("OC_CB1", "2026A", "Wherever", CLASSROOM),
    ],
)
def test_one_product_fits(code: str, sitting: str, location: str, product: Product) -> None:
    assert chosen(ALL, code, sitting, location) == product


@pytest.mark.parametrize(
    ("code", "location", "reason"),
    [
        (
            "CB1_LO_6",
            "Live online",
            (
                "5 tutorials of CB1 in 2026-04; 2 of CB1_LO_6; 2 of them fit Live online:"
                " CB1-LO6B (Tutorial - Live online, LO_6B),"
                " CB1-LO6H (Tutorial - Live online, LO_6H)"
            ),
        ),
        (
            "CB1_f2f_3",
            "Bristol",
            (
                "5 tutorials of CB1 in 2026-04; 2 of CB1_f2f_3; none of them is sold at Bristol:"
                " CB1-LEE (Tutorial, f2f_3), CB1-LON (Tutorial - London, F2F_3F)"
            ),
        ),
        (
            "CM2_LO_6",
            "London",
            (
                "2 tutorials of CM2 in 2026-04; none of them is a tutorial of CM2_LO_6:"
                " CM2-OLD (Tutorial - London, cm2_F2F_5), CM2-PD (Tutorial - London, F2F_1PD)"
            ),
        ),
        ("SP9_f2f_3", "London", "no active tutorial of SP9 in 2026-04"),
        ("XX1_f2f_3", "London", "no part of the template code is a subject of the catalogue"),
    ],
)
def test_a_step_that_nothing_fits_refuses_with_what_was_left_before_it(
    code: str, location: str, reason: str
) -> None:
    assert chosen(ALL, code, "2026A", location) == reason


@pytest.mark.parametrize("only", ["LO_6", "f2f_30", "xf2f_3", "f2f_3FF", "f2f", "E", ""])
def test_the_only_tutorial_left_is_not_taken_for_another(only: str) -> None:
    alone = evolve(ALL, products=(evolve(LONDON, variation_code=only),))
    assert isinstance(chosen(alone, "CB1_f2f_3", "2026A", "London"), str)


@pytest.mark.parametrize("length", ["", "F", "H", "B", "PD", "pd"])
def test_a_variation_may_say_the_length_of_its_days(length: str) -> None:
    product = evolve(LONDON, variation_code="", variation_name=f"F2f_3{length}")
    assert chosen(evolve(ALL, products=(product,)), "CB1_f2f_3", "2026A", "London") == product


@pytest.mark.parametrize(
    ("location", "name", "named"),
    [
        ("London", "Tutorial - Londonderry", False),
        ("Bath", "Tutorial - Bathgate", False),
        ("Derry", "Tutorial - Londonderry", False),
        ("Andrews", "Tutorial - St Andrews", True),
        ("St  Andrews", "Tutorial - St Andrews", True),
        ("St Andrews", "Tutorial -  ST\N{NO-BREAK SPACE}ANDREWS (two rooms)", True),
        ("London", "Tutorial - London Bridge", False),
        ("London Bridge", "Tutorial - London Bridge", True),
        ("London", "Tutorial - London Bridge or London", True),
        ("Stratford", "Tutorial - Stratford-upon-Avon", False),
        ("Stratford-upon-Avon", "Tutorial - Stratford-upon-Avon", True),
        ("London", "Tutorial-London-2026", True),
        ("King's Lynn", "Tutorial - King\N{RIGHT SINGLE QUOTATION MARK}s Lynn", True),
        ("Leeds (City)", "Tutorial - Leeds (City)", True),
        ("L.ndon", "Tutorial - London", False),
        ("Zu\N{COMBINING DIAERESIS}rich", "Tutorial - Zürich", True),
        (".*", "Tutorial - London", False),
    ],
)
def test_a_location_is_named_as_a_word(location: str, name: str, named: bool) -> None:
    product = evolve(LONDON, fullname=name)
    bridge = UnlinkedRecord(RecordKind.LOCATION, Side.TUTORIAL, "London Bridge")
    reference = evolve(ALL, products=(product,), unlinked=(bridge,))
    assert (chosen(reference, "CB1_f2f_3", "2026A", location) == product) is named


TEMPLATED = evolve(LONDON, id=21, code="T", fullname="Whatever", template_id=501, location_id=101)
ELSEWHERE = evolve(TEMPLATED, id=22, code="U", location_id=102)
OTHERS = evolve(TEMPLATED, id=23, code="V", template_id=502)
BY_FORMAT = evolve(TEMPLATED, id=24, code="W", template_id=None, variation_code="LO_2H")
LINKED = evolve(
    ALL,
    course_templates=(
        CourseTemplate(1, "t1", 501, "CB1_f2f_3"),
        CourseTemplate(2, "t2", 503, "CB1_LO_2"),
    ),
    locations=(Location(1, "l1", 101, "London"), Location(2, "l2", 103, "Leeds")),
    products=(TEMPLATED, ELSEWHERE, OTHERS, BY_FORMAT),
)


@pytest.mark.parametrize(
    ("code", "location", "product"),
    [
        ("CB1_f2f_3", "London", TEMPLATED),
        ("CB1_LO_2", "London", BY_FORMAT),
        ("CB1_f2f_3", "Leeds", None),
        ("CB1_f2f_4", "London", None),
        ("CB1_LO_2", "Leeds", None),
    ],
)
def test_a_product_of_a_template_and_a_location_is_known_by_them(
    code: str, location: str, product: Product | None
) -> None:
    found = chosen(LINKED, code, "2026A", location)
    assert found == product if product else isinstance(found, str)


FEBRUARY = {"subject": "CB1", "product": "acted.catalog_products/1", "variation": "b"}
SOLD = evolve(BUNDLE, meaning=FEBRUARY)
AGAIN = evolve(SOLD, id=31, code="CB1-LO6B-S", exam_session="2026-09")
AGAIN_HALVES = evolve(HALVES, id=32, code="CB1-LO6H-S", exam_session="26S")
TWICE = evolve(ALL, products=(SOLD, HALVES, AGAIN, AGAIN_HALVES))
FOR_LATER = ProductDecision("cb1_LO_6", "2026A", "live ONLINE", SOLD.id, FEBRUARY, "by Ann")
FOR_ONE = evolve(FOR_LATER, meaning={})


def test_a_persons_decision_goes_before_the_rule() -> None:
    decided = ProductDecision("cb1_F2F_3", "2026A", "bristol", LEEDS.id)
    assert chosen(evolve(ALL, decisions=(decided,)), "CB1_f2f_3", "2026A", "Bristol") == LEEDS


@pytest.mark.parametrize("decision", [FOR_LATER, FOR_ONE], ids=["meaning", "one sitting"])
def test_a_decision_holds_in_later_sittings_where_it_says_what_it_means(
    decision: ProductDecision,
) -> None:
    decided = evolve(TWICE, decisions=(decision,))
    assert chosen(decided, "CB1_LO_6", "2026A", "Live online") == SOLD
    later = chosen(decided, "CB1_LO_6", "2026S", "Live online")
    assert (later == AGAIN) is (decision is FOR_LATER)
    assert isinstance(chosen(decided, "CB1_LO_6", "2025S", "Live online"), str)


def test_a_later_sitting_that_does_not_sell_it_goes_by_the_rule() -> None:
    decided = evolve(TWICE, products=(SOLD, HALVES, AGAIN_HALVES), decisions=(FOR_LATER,))
    found = ProductChooser.of(decided).choose("CB1_LO_6", "2026S", "Live online")
    assert isinstance(found, Chosen)
    assert found.product == AGAIN_HALVES
    assert found.steps[0] == "2026S does not sell what was decided on, CB1-LO6B"


def test_the_decision_of_the_latest_sitting_goes_and_in_a_sitting_the_newest() -> None:
    other = ProductDecision("CB1_LO_6", "2026S", "Live online", AGAIN_HALVES.id)
    first = evolve(FOR_LATER, product_id=HALVES.id)
    decided = evolve(TWICE, decisions=(first, other, FOR_LATER))
    assert chosen(decided, "CB1_LO_6", "2026A", "Live online") == SOLD
    assert chosen(decided, "CB1_LO_6", "2026S", "Live online") == AGAIN_HALVES


def test_a_decision_taken_in_another_shape_means_what_its_product_is_now() -> None:
    form = {"subject": "CB1", "format": "LO_6B", "location": "acted.tutorial_locations/1"}
    now = tuple(evolve(one, meaning=form) for one in (SOLD, AGAIN))
    decided = evolve(TWICE, products=(*now, HALVES, AGAIN_HALVES), decisions=(FOR_LATER,))
    assert chosen(decided, "CB1_LO_6", "2026A", "Live online") == now[0]
    assert chosen(decided, "CB1_LO_6", "2026S", "Live online") == now[1]
    withdrawn = evolve(decided, products=(now[1],), inactive_products=(now[0],))
    assert chosen(withdrawn, "CB1_LO_6", "2026S", "Live online") == now[1]


@pytest.mark.parametrize(("product_id", "called"), [(99, "99"), (HALVES.id, "CB1-LO6H")])
def test_a_decision_for_a_product_that_is_no_longer_active_is_told(
    product_id: int, called: str
) -> None:
    decided = ProductDecision("CB1_LO_6", "2026A", "London", product_id)
    reference = evolve(ALL, products=(BUNDLE,), inactive_products=(HALVES,), decisions=(decided,))
    said = chosen(reference, "CB1_LO_6", "2026A", "London")
    assert said == f"the product decided on, {called}, is not active"


def test_the_steps_are_told_with_the_product() -> None:
    found = ProductChooser.of(ALL).choose("CB1_f2f_3", "2026A", "London")
    assert isinstance(found, Chosen)
    assert found.steps == ("5 tutorials of CB1 in 2026-04", "2 of CB1_f2f_3", "1 at London")
    decided = ProductChooser.of(evolve(TWICE, decisions=(FOR_LATER,)))
    by_decision = decided.choose("CB1_LO_6", "2026A", "Live online")
    assert isinstance(by_decision, Chosen)
    assert by_decision.steps == ("by Ann",)


@pytest.mark.parametrize("sitting", ["2027S", "2031A"])
def test_where_there_is_nothing_to_choose_from_no_command_is_told(sitting: str) -> None:
    found = ProductChooser.of(ALL).choose("CB1_LO_6", sitting, "Live online")
    assert isinstance(found, NoProduct)
    assert found.candidates == ()
    assert found.remedy == f"put one on sale in the catalogue, in {exam_session(sitting)}"


def test_the_command_that_decides_can_be_typed_as_it_is_told() -> None:
    asked = ProductQuery("CB1_LO_6", "2026A", "King's $(Lynn)")
    assert asked.command == (
        "admsync choose-product CB1_LO_6 2026A 'King'\"'\"'s $(Lynn)' PRODUCT --reason WHY"
    )


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


@pytest.mark.parametrize(
    ("session", "sitting"),
    [
        ("2026-04", "2026A"),
        ("2026-09", "2026S"),
        ("26", "2026A"),
        ("26S", "2026S"),
        (" 26s ", "2026S"),
        ("2026-05", None),
        ("2026", None),
        ("126", None),
        ("", None),
    ],
)
def test_an_exam_session_is_of_a_sitting(session: str, sitting: str | None) -> None:
    assert sitting_of(session) == sitting


def test_the_sittings_on_sale_are_those_of_the_active_products() -> None:
    assert sittings_of(ALL) == ["2026A", "2026S"]
