"""What a person's answer about a missing record leads to: values alone."""

from __future__ import annotations

from attrs import evolve

from sync.discrepancies.discrepancy import Discrepancy, Offered
from sync.entities import INSTRUCTORS, LOCATIONS, VENUES
from sync.entity import Entity
from sync.missing.answers import Answer, Dialogue, MissingRecord, missing_records, second_look
from sync.missing.decide import Creation
from sync.missing.shown import creation_plan
from tests.sync.reports.test_discrepancy_lines import MARY, discrepancy

CATHRINE = evolve(
    MARY, record="adm.instructors/c9", name="Cathrine Jones", cause="one letter differs"
)


def only_here(number: int, **fields: object) -> Discrepancy:
    one = discrepancy(number, **fields)
    return evolve(one, side="tutorial", record=f"acted.tutorial/{number}", label=f"N{number}")


def missing(
    number: int, *offered: Offered, entity: Entity = INSTRUCTORS, creatable: bool = True
) -> MissingRecord:
    return MissingRecord(entity, only_here(number, offered=offered), creatable)


def test_what_is_ambiguous_rejected_or_of_the_other_side_is_not_missing() -> None:
    found = [
        only_here(1),
        only_here(2, outcome="ambiguous"),
        only_here(3, candidates=("somebody rejected",)),
        discrepancy(4),
    ]
    [one] = missing_records({INSTRUCTORS: found}, ["instructors"])
    assert (one.record, one.creatable) == ("acted.tutorial/1", True)


def test_only_what_fits_a_record_can_be_answered() -> None:
    plain, near, by_hand = missing(1), missing(2, CATHRINE), missing(3, creatable=False)
    venue = missing(4, CATHRINE, entity=VENUES, creatable=False)
    dialogue = Dialogue.over([plain, near, by_hand, venue])
    assert dialogue.waiting == (plain, near, venue)
    rest = [Answer.SKIP, Answer.LATER, Answer.NEVER, Answer.QUIT]
    assert dialogue.possible() == [Answer.CREATE, *rest]
    dialogue = dialogue.after(Answer.LATER)
    # Nothing of its kind is left to say the same of.
    assert dialogue.possible() == [Answer.LINK, Answer.CREATE, *rest]
    assert dialogue.after(Answer.LATER).possible() == [Answer.LINK, *rest]


def test_a_skipped_record_comes_again_once() -> None:
    one, other = missing(1), missing(2)
    dialogue = Dialogue.over([one, other]).after(Answer.SKIP)
    assert dialogue.waiting == (other, one)
    assert dialogue.after(Answer.NEVER).after(Answer.SKIP).waiting == ()


def test_the_same_holds_for_the_rest_of_its_kind_where_it_fits() -> None:
    two = (CATHRINE, evolve(CATHRINE, name="Katherine Jones"))
    records = [missing(1, CATHRINE), missing(2, CATHRINE), missing(3, *two), missing(4)]
    place = missing(5, CATHRINE, entity=LOCATIONS)
    dialogue, answer = Dialogue.over([*records, place]).after(Answer.LINK).same()
    assert (answer, dialogue.given()) == (Answer.LINK, Answer.LINK)
    # One of several candidates is chosen by a person, and nothing is linked with nothing.
    for _ in range(3):
        dialogue = dialogue.after(Answer.LINK)
        assert dialogue.given() is None
    assert dialogue.current is place


def test_what_is_reconsidered_is_asked_about_whatever_was_said_of_the_rest() -> None:
    dialogue, _ = Dialogue.over(map(missing, range(3))).after(Answer.CREATE).same()
    dialogue = dialogue.reconsidering()
    assert dialogue.given() is None
    assert dialogue.after(Answer.NEVER).given() is Answer.CREATE


def test_quitting_leaves_the_rest_and_what_is_linked_by_now_is_not_asked_about() -> None:
    one, other, last = map(missing, range(3))
    dialogue = Dialogue.over([one, other, last])
    assert dialogue.after(Answer.QUIT).current is None
    still = dialogue.after(Answer.LINK).only({last.record: last})
    assert (still.waiting, still.number, still.of) == ((last,), 2, 2)


def test_nothing_with_a_suggestion_is_created_without_a_second_look() -> None:
    assert second_look(missing(1)) is None
    assert second_look(missing(1, CATHRINE)) == "There is 'Cathrine Jones' (one letter differs)."
    several = missing(1, CATHRINE, CATHRINE, CATHRINE)
    assert str(second_look(several)).endswith(", and 2 more like it.")


def test_the_plan_of_a_creation_says_what_and_where_and_that_it_stays() -> None:
    plan = creation_plan(
        [
            Creation(missing(1), "a1", "The firm"),
            Creation(missing(2, entity=LOCATIONS), "r1", "Ireland"),
        ]
    )
    assert plan.verdict == "2 records to create in Administrate, then linked."
    assert [(one.count, one.thing) for one in plan.effects] == [(1, "instructor"), (1, "location")]
    assert plan.items[1].title == "location 'N2'"
    assert plan.items[1].what == "created in Ireland"
    assert len(plan.irreversible) == 1
