"""A name in a cell finds the record that a person means by it, and says so where it guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from importer.reference.values import Instructor, Reference
from importer.validation.verdicts import Accepted
from importer.workbook.names import names_in, typed_names
from importer.workbook.template import fold
from tests.importer.references import reference_of
from tests.importer.rows import a_session, an_event
from tests.importer.verdicts import accepted, errors, verdict_on, verdicts_on


def knowing(*people: str, places: dict[str, Sequence[str]] | None = None) -> Reference:
    return reference_of(
        codes=("CB1_LO_6", "OC_CB1"),
        places=places or {"London": ("BPP Waterloo",), "Live online": ("Live online",)},
        people=("Clara Haversham", "John Smith", *people),
        administrators=("Pat Quill", "Zoë O'Hara"),
    )


def teaching(folder: Path, typed: str, reference: Reference) -> tuple[list[str], list[str]]:
    """Who teaches the session whose cell says so, and what is told of it."""
    found = verdict_on(folder, an_event(session_instructor=typed), reference=reference)
    told = [str(note) for note in found.notes]
    return [found.names[one.external_id] for one in found.event.sessions[0].instructors], told


@pytest.mark.parametrize(
    ("typed", "name", "is_told"),
    [
        ("Siobhan O\u2019Neill", "Siobhan O'Neill", True),
        ("Siobhan O'Neill", "Siobhan O\u2019Neill", True),
        ("Siobhan O\u00b4Neill", "Siobhan O'Neill", True),
        (unicodedata.normalize("NFD", "Zoë Müller"), "Zoë Müller", True),
        ("Zoë Müller", unicodedata.normalize("NFD", "Zoë Müller"), True),
        ("Anne\u2013Marie Hall", "Anne-Marie Hall", True),
        ("Tom\u200b Hall", "Tom Hall", True),
        ("MARY  grant holloway", "Mary Grant Holloway", False),
        ("Mary Grant Holloway", "Mary Grant  Holloway", False),
        ("Mary\u00a0Grant Holloway", "Mary Grant Holloway", False),
    ],
)
def test_a_name_written_alike_is_taken_and_told(
    tmp_path: Path, typed: str, name: str, is_told: bool
) -> None:
    people, told = teaching(tmp_path, typed, knowing(name))
    assert people == [name]
    assert any("taken for" in one for one in told) is is_told


def test_the_one_written_the_same_is_meant_where_several_are_written_alike(tmp_path: Path) -> None:
    reference = knowing("Pat O'Neill", "Pat O\u2019Neill")
    assert teaching(tmp_path, "Pat O\u2019Neill", reference) == (["Pat O\u2019Neill"], [])
    (message,) = errors(
        tmp_path, an_event(session_instructor="Pat O\u00b4Neill"), reference=reference
    )
    assert "2 instructors of that name" in message


@pytest.mark.parametrize("typed", ["Zoe Müller", "Zoë Mueller", "Z Müller"])
def test_another_letter_is_another_name(tmp_path: Path, typed: str) -> None:
    told = errors(tmp_path, an_event(session_instructor=typed), reference=knowing("Zoë Müller"))
    assert "no linked instructor of that name" in told[0]


@pytest.mark.parametrize(
    "typed",
    [
        "Clara Haversham & John Smith",
        "Clara Haversham\nJohn Smith",
        "Clara Haversham /\r\nJohn Smith\n",
        "Clara Haversham and John Smith",
        "Clara Haversham, John Smith; clara haversham",
    ],
)
def test_several_names_are_separated_in_any_way(tmp_path: Path, typed: str) -> None:
    assert teaching(tmp_path, typed, knowing())[0] == ["Clara Haversham", "John Smith"]


@pytest.mark.parametrize(
    ("known", "typed", "names"),
    [
        ("Smith & Sons / London", "Smith & Sons / London", ["Smith & Sons / London"]),
        ("Smith & Sons", "Smith & Sons / John Smith", ["Smith & Sons", "John Smith"]),
        ("Smith & Sons", "John Smith, Smith  & Sons", ["John Smith", "Smith & Sons"]),
        ("Martin, Jr. King", "Martin, Jr. King", ["Martin, Jr. King"]),
    ],
)
def test_a_known_name_is_whole_whatever_stands_in_it(
    tmp_path: Path, known: str, typed: str, names: list[str]
) -> None:
    company = Instructor(90, "person-90", 390, known, "")
    reference = knowing()
    reference = evolve(reference, instructors=(*reference.instructors, company))
    assert teaching(tmp_path, typed, reference)[0] == names


def test_a_venue_with_separators_is_one_venue(tmp_path: Path) -> None:
    places: dict[str, Sequence[str]] = {"London": ("Smith & Sons / London",)}
    row = an_event(venue="Smith &  Sons / London")
    reference = knowing(places=places)
    assert accepted(tmp_path, row, reference=reference).venue == reference.venues[0].keys


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("Haversham, Clara", "Clara Haversham"),
        ("smith,john", "john smith"),
        ("Grant Holloway, Mary / John Smith", "Mary Grant Holloway"),
    ],
)
def test_a_name_typed_last_name_first_is_told_as_that(
    tmp_path: Path, typed: str, nearest: str
) -> None:
    reference = knowing("Mary Grant Holloway")
    (message,) = errors(tmp_path, an_event(session_instructor=typed), reference=reference)
    assert "typed last name first" in message
    assert f"nearest {nearest!r}" in message


def test_a_name_that_looks_equal_is_told_with_what_differs(tmp_path: Path) -> None:
    (message,) = errors(tmp_path, an_event(session_instructor="John Sm\u0456th"))
    assert "nearest 'John Smith' (these differ: U+0456 / U+0069)" in message


def test_a_session_row_that_names_nobody_is_made_and_told(tmp_path: Path) -> None:
    found = verdict_on(tmp_path, an_event(), a_session(session_instructor=None))
    assert found.event.sessions[1].instructors == ()
    assert "Import!S3 Session instructor '': nobody teaches this session" in str(found.notes[0])


@pytest.mark.parametrize(
    "change",
    [
        {"location": "live\u2009 ONLINE", "venue": "Live  online"},
        {"zone": "Europe \u2013  London"},
        {"mode": "  bLended\u00a0"},
        {"administrator": "Zoe\u0308 O\u2019Hara"},
        {"code": "cb1_lo_6\u200b"},
        {"venue": "To  be Confirmed"},
    ],
)
def test_every_comparison_takes_what_is_written_alike(
    tmp_path: Path, change: dict[str, str]
) -> None:
    accepted(tmp_path, an_event(**change), reference=knowing())


def test_an_events_title_is_compared_so_too(tmp_path: Path) -> None:
    _, second = verdicts_on(tmp_path, an_event(title="A  B\u2019s"), an_event(title="a b's"))
    assert not isinstance(second, Accepted)


@given(st.text(max_size=30))
def test_folding_is_done_once_and_for_all(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFC", text)) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


@given(st.text(alphabet="AB /;,&\n", max_size=30))
def test_every_letter_of_a_cell_is_in_one_of_its_names(text: str) -> None:
    names = [name.text for name in typed_names(text, lambda name: name == "A B")]
    letters = [character for character in text if character in "AB"]
    assert [one for name in names for one in name if one in "AB"] == letters
    assert names_in("") == ()
