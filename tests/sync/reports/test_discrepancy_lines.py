"""A list of discrepancies is short: namesakes take a line, ties are told, nothing is endless."""

from __future__ import annotations

from attrs import evolve

from sync.discrepancies.discrepancy import Discrepancy, Offered
from sync.entities import INSTRUCTORS
from sync.reports.discrepancy_lines import discrepancy_lines

MARY = Offered(
    record="acted.tutorial_instructors/1",
    name="Mary Holloway",
    score=0.92,
    cause="initial: M stands for Mary",
    change=None,
    tied=False,
    also_best_of=(),
    review=False,
)


def discrepancy(number: int, **fields: object) -> Discrepancy:
    plain = Discrepancy(
        record=f"adm.instructors/c{number}",
        side="administrate",
        label=f"M. Holloway (c{number})",
        outcome="unmatched",
        reason="no equal record on the other side",
        candidates=(),
        suggestion=None,
        score=None,
        cause=None,
        change=None,
        also_best_of=(),
        review=False,
        new=False,
    )
    return evolve(plain, **fields)  # type: ignore[arg-type]


def test_what_was_meant_is_asked_with_its_cause() -> None:
    one = discrepancy(1, suggestion=MARY.name, offered=(MARY,))
    assert discrepancy_lines(INSTRUCTORS, [one])[1] == (
        "    M. Holloway (c1)     did you mean 'Mary Holloway'? 0.92 (initial: M stands for Mary)"
    )


def test_the_evidence_for_a_pair_is_told_once() -> None:
    there = discrepancy(
        1, suggestion=MARY.name, suggested_record=MARY.record, offered=(MARY,), reason="moved"
    )
    here = discrepancy(
        0,
        record=MARY.record,
        side="tutorial",
        label=MARY.name,
        suggestion="M. Holloway",
        suggested_record=there.record,
        offered=(evolve(MARY, record=there.record, name="M. Holloway"),),
    )
    _, first, _, second = discrepancy_lines(INSTRUCTORS, [there, here])
    assert first.endswith("did you mean 'M. Holloway'? 0.92 (initial: M stands for Mary)")
    assert second == (
        "    M. Holloway (c1)     moved; did you mean 'Mary Holloway'? 0.92 (as above)"
    )


def test_candidates_as_near_as_each_other_are_told_as_such() -> None:
    tied = [evolve(MARY, name=name, tied=True) for name in ("Mary Holloway", "Mark Holloway")]
    line = discrepancy_lines(INSTRUCTORS, [discrepancy(1, offered=tuple(tied))])[1]
    assert line.startswith(
        "    M. Holloway (c1)     candidates, the first 2 as near as each other: 'Mary"
    )
    assert "'Mark Holloway'" in line


def test_namesakes_take_one_line_with_three_names_and_a_count() -> None:
    namesakes = [
        discrepancy(
            n,
            outcome="ambiguous",
            candidates=tuple(f"M. Holloway (t{one})" for one in range(5)),
            candidate_count=800,
        )
        for n in range(800)
    ]
    heading, line = discrepancy_lines(INSTRUCTORS, namesakes)
    assert heading == "⚠ 800 Administrate instructors are ambiguous:"
    assert line == (
        "    800 called M. Holloway: (c0), (c1), (c2) and 797 more     could be any of"
        " M. Holloway (t0), M. Holloway (t1), M. Holloway (t2) and 797 more"
    )


def test_namesakes_of_other_candidates_or_links_take_a_line_each() -> None:
    found = [
        discrepancy(
            n,
            outcome=outcome,
            candidates=(f"M. Holloway (t{n})",),
            candidate_records=(f"acted.tutorial_instructors/{n}",),
            candidate_count=1,
        )
        for outcome in ("ambiguous", "linked")
        for n in range(2)
    ]
    lines = discrepancy_lines(INSTRUCTORS, found)
    told = [line for line in lines if not line.startswith("⚠")]
    assert [f"(t{n % 2})" in line for n, line in enumerate(told)] == [True] * 4


def test_a_name_of_any_length_takes_a_line_that_can_be_read() -> None:
    one = discrepancy(1, label=f"{'x' * 10_000_000} (c1)")
    assert len(discrepancy_lines(INSTRUCTORS, [one])[1]) < 300
