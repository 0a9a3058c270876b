"""Lines at a terminal are broken where there is no room, and nothing of them is lost; in a pipe,
none is. No command prints a wider one: tests/test_hostile_text.py, where each is called."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from ledger.output.layout import beside_each_other, coloured, columns_of, table, wrapped
from ledger.output.visible import visible
from tests.databases import Databases, database_name
from tests.every_command import Hostile, hostile_company, too_wide

RUN_ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"


@pytest.fixture(scope="module")
def made(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hostile]:
    with hostile_company(databases, template, tmp_path_factory.mktemp("widths")) as company:
        yield company


@pytest.fixture
def company(made: Hostile, databases: Databases) -> Iterator[Hostile]:
    with databases.fresh(database_name(made.url)) as url:
        yield evolve(made, url=url)


def test_in_a_pipe_no_line_is_broken(company: Hostile) -> None:
    whole = evolve(company, more={"COLUMNS": "10000"}).piped("discrepancies")
    assert too_wide(whole, 80) != []
    for unknown in ("", "0", "many"):
        assert evolve(company, more={"COLUMNS": unknown}).piped("discrepancies") == whole


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 160, 300])
def test_runs_are_listed_with_whole_ids_and_states(company: Hostile, columns: int) -> None:
    runs = json.loads(company.piped("runs", "--json").partition("\nadmsync: ")[0])
    printed = company.at_terminal("runs", columns=columns)
    listed = re.findall(rf"^({RUN_ID})(.*(?:\n .*)*)", printed, re.MULTILINE)
    assert [one for one, _ in listed] == [run["run_id"] for run in runs]
    for (_, line), run in zip(listed, runs, strict=True):
        assert run["state"] in line
        for what in (run["command"], *map(str, run["counts"].values())):
            assert what in " ".join(line.split())


TEXT = st.text(st.sampled_from("ab漢\u0301 ✓")).map(visible)


@given(TEXT, st.integers(20, 60), st.none() | st.integers(0, 90))
def test_a_wrapped_line_is_whole_and_as_narrow_as_its_words(
    line: str, width: int, hang: int | None
) -> None:
    parts = wrapped(line, width, hang)
    assert " ".join(parts).split() == line.split()
    for part in parts:
        assert columns_of(part) <= width or " " not in part.strip()


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=4), st.integers(20, 60))
def test_a_table_holds_every_cell_at_any_width(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    lines = list(table(("One", "Two", "Three"), rows, width))
    said = "".join(lines).replace(" ", "")
    assert all(cell.replace(" ", "") in said for row in rows for cell in row)
    for line in lines:
        assert columns_of(line) <= width or " " not in line.strip()


@given(st.lists(TEXT, min_size=1, max_size=6), st.integers(20, 60))
def test_texts_beside_each_other_are_whole(texts: list[str], width: int) -> None:
    lines = list(beside_each_other(texts, width, 4))
    assert " ".join(lines).split() == " ".join(texts).split()
    for line in lines:
        assert columns_of(line) <= width or " " not in line.strip()


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("  ✓ Venues: one two three", ["  ✓ Venues: one two", "    three"]),
        ("  a line that goes on", ["  a line that goes", "    on"]),
        ("id: 0123456789012345678901234", ["id:", "  0123456789012345678901234"]),
    ],
)
def test_the_lines_that_continue_one_hang(line: str, parts: list[str]) -> None:
    assert wrapped(line, 20) == parts


@pytest.mark.parametrize(
    "command",
    [
        "admsync resume 01a21baa-882e-70bc-8e59-c17b21b9f118",
        "admsync discrepancies accept 'Coldharbour ' UGVyc29uOjE0MQ== --reason 'one blank more'",
        'admsync history "Waverley Hall"',
        "admsync events web-sale on --sitting 2026A",
        "admsync sync all",
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "It stopped: {} goes on.", "  Decide ({}), or wait."])
@pytest.mark.parametrize("width", [20, 60, 80])
def test_a_command_is_never_broken(command: str, sentence: str, width: int) -> None:
    lines = wrapped(sentence.format(command), width)
    [whole] = [line for line in lines if command in line]
    assert columns_of(whole) <= width or re.match(r"[ (]*admsync ", whole)


RUN = ("01a21baa-882e-70bc-8e59-c17b21b9f118", "done", "sync all", "", "demo")


def test_what_counts_the_most_stands_beside_and_a_column_of_nothing_nowhere() -> None:
    headings = ("Run", "State", "Command", "Open", "By")
    assert list(table(headings, [RUN], 80)) == [
        "Run                                   State  Command   By",
        "01a21baa-882e-70bc-8e59-c17b21b9f118  done   sync all  demo",
    ]
    assert list(table(headings, [RUN], 52)) == [
        "Run                                   State  By",
        "01a21baa-882e-70bc-8e59-c17b21b9f118  done   demo",
        "  Command: sync all",
    ]
    assert list(table(headings, [], 80)) == ["Run  State  Command  Open  By"]


def test_the_mark_that_a_line_begins_with_is_in_colour() -> None:
    assert coloured("  ✓ Venues: ✗ one") == "  \x1b[32m✓\x1b[0m Venues: ✗ one"
    assert coloured("⚠ one") == "\x1b[33m⚠\x1b[0m one"
    assert [coloured(line) for line in ("a ✓ b", "✓", "→ one")] == ["a ✓ b", "✓", "→ one"]


@pytest.mark.parametrize(
    ("more", "marked"),
    [
        ({"TERM": "xterm"}, "\x1b[32m✓\x1b[0m"),
        ({"TERM": "dumb"}, "✓"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "✓"),
    ],
)
def test_a_terminal_shows_colours_unless_it_has_none(
    company: Hostile, more: dict[str, str], marked: str
) -> None:
    assert f"{marked} The chain" in evolve(company, more=more).at_terminal("verify")
    assert "\x1b[32m" not in evolve(company, more=more).piped("verify")
