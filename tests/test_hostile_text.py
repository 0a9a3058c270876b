"""Every command, in a company whose every text from outside would act on the terminal: no raw byte
of it is printed, to a terminal or a pipe."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from unicodedata import category

import pytest
from attrs import evolve

from importer.program import COMMANDS
from importer.workbook.template import COLUMNS
from sync.settings import SETTINGS
from tests.databases import Databases, database_name
from tests.every_command import (
    CALLS,
    NAME,
    REASON,
    REFUSED,
    TYPED,
    Hostile,
    hostile_company,
    too_wide,
)
from tests.importer.company import an_own_event, an_own_session
from tests.importer.workbooks import write_rows
from tests.reflecting import Reflecting
from tests.terminal import at_terminal
from tests.test_schemas import check_document

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.fixture(scope="module")
def made(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hostile]:
    with hostile_company(databases, template, tmp_path_factory.mktemp("hostile")) as company:
        yield company


@pytest.fixture
def hostile(made: Hostile, databases: Databases) -> Iterator[Hostile]:
    """The same on a database of the test's own."""
    with databases.fresh(database_name(made.url)) as url:
        yield evolve(made, url=url)


def assert_harmless(printed: str, called: object) -> None:
    raw = {one for one in printed if category(one) in UNSEEN} - {"\n"}
    assert not raw, (called, printed)
    assert not re.search(r"^FORGED", printed, re.MULTILINE), (called, printed)
    assert not re.search(r"(^|[\s'\"(])[\u0300-\u036f]", printed, re.MULTILINE), (called, printed)


def test_every_command_is_called() -> None:
    assert CALLS.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_hostile_is_printed_as_it_is(hostile: Hostile, name: str) -> None:
    """And no line at a terminal is wider than it."""
    shown = ""
    for arguments in (*CALLS[name], *REFUSED, ("--help",)):
        called = (name, *hostile.called(arguments))
        seen, piped = hostile.at_terminal(*called, columns=60), hostile.piped(*called)
        for printed in (seen, piped):
            assert_harmless(printed, called)
            shown += printed
        assert "Traceback" not in seen, seen
        assert not re.search(r"unexpected [A-Z]\w+:", piped), (called, piped)
        if "--json" in called:
            check_document(piped, *called)
        if not {"--json", "--raw"} & {*called}:
            assert too_wide(seen, 60) == [], called
    assert r"\u202e" in shown


SAID = ("fault", "words of the status", "refusal", "page", "no JSON", "errors", "other data")


@pytest.mark.parametrize("answer", SAID)
def test_nothing_that_administrate_says_is_printed_as_it_is(hostile: Hostile, answer: str) -> None:
    said = f"{NAME}\ud800" if answer in ("errors", "other data") else NAME  # as JSON can
    with Reflecting(hostile.sandbox, answer, secrets=(said,)) as server:
        refused = evolve(hostile, more=server.settings)
        for printed in (refused.at_terminal("doctor"), refused.piped("doctor")):
            assert_harmless(printed, answer)
            assert "FORGED" in printed
        if answer in ("refusal", "page"):  # not tried again
            for printed in (refused.at_terminal("sync", "venues"), refused.piped("show", "last")):
                assert_harmless(printed, answer)
                assert "FORGED" in printed


@pytest.mark.parametrize("answer", ["user errors", "errors"])
def test_nothing_that_is_said_of_a_change_is_printed_as_it_is(
    hostile: Hostile, answer: str
) -> None:
    with Reflecting(hostile.sandbox, answer, secrets=(NAME,)) as server:
        server.reflects = lambda query: query.lstrip().startswith("mutation")
        refused = evolve(hostile, more=server.settings)
        write_rows(
            refused.folder / "other.xlsx",
            [an_own_event("OTHER"), an_own_session("OTHER")],
            columns=COLUMNS,
        )
        called = ("import-events", "other.xlsx", "--no-prompt", "--report", "o.xlsx", "--force")
        shown = ""
        for arguments in (called, ("show", "last"), ("history", "OTHER"), ("resume",), ("runs",)):
            for printed in (refused.at_terminal(*arguments), refused.piped(*arguments)):
                assert_harmless(printed, arguments)
                shown += printed
        assert shown.count("FORGED") > 2


# Commands that ask at a terminal, what is typed there, and what they ask last.
ASKING = {
    ("sync", "locations"): ("c\ny\n1\n\x04", "Which region? "),
    ("sync", "instructors"): ("c\ny\n1\n\x04", "Which account? "),
    ("rollback", "last", *REASON): ("n\n", "Roll back? [y/N]: "),
    ("erase", "adm.instructors/1", *REASON): ("n\n", "for good? [y/N]: "),
    ("import-events", "other.xlsx"): ("n\n", "Import them? [y/N]: "),
}


@pytest.mark.parametrize("called", ASKING, ids=lambda called: called[0])
def test_no_question_shows_a_name_as_it_is(
    hostile: Hostile, called: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hostile.folder)
    write_rows(hostile.folder / "other.xlsx", [an_own_event("OTHER")], columns=COLUMNS)
    typed, asked = ASKING[called]
    with at_terminal(
        *called, url=hostile.url, settings=hostile.settings, elsewhere="", columns=2000
    ) as terminal:
        os.write(terminal.screen, typed.encode())
        terminal.ends()
    assert asked in terminal.seen
    assert_harmless(terminal.seen, called)


@pytest.mark.parametrize("name", [one.name for one in SETTINGS])
def test_no_setting_is_shown_as_it_is(hostile: Hostile, name: str) -> None:
    beside = {"DB_NAME": "tutorials"} if name.startswith("DB_") else {}
    with_it = evolve(hostile, more={**beside, name: TYPED})
    if name.startswith(("DB_", "PG")):
        with_it = evolve(with_it, url="")
    for called, seen in (
        ("doctor", with_it.at_terminal("doctor")),
        ("doctor", with_it.piped("doctor")),
        ("runs", with_it.at_terminal("runs")),
        ("sync", with_it.piped("sync", "price-levels", "--no-prompt")),
    ):
        assert_harmless(seen, called)
        assert not re.search(r"unexpected [A-Z]\w+:", seen), (called, seen)


def test_no_setting_of_a_file_is_shown_as_it_is(hostile: Hostile) -> None:
    """Nor a line that is no setting, nor the file's name."""
    value = NAME.replace("\n", "")
    lines = {
        "all": "\n".join(f"{one.name}='{value}'" for one in SETTINGS),
        "one": f"ADMSYNC_ALLOW_HTTP='{value}'",
        "none": value,
    }
    for name, text in lines.items():
        file = hostile.folder / f"{TYPED}-{name}.env"
        file.write_text(text)
        for called in (("doctor",), ("runs",)):
            arguments = (*called, "--env-file", file.name)
            for printed in (hostile.at_terminal(*arguments), hostile.piped(*arguments)):
                assert_harmless(printed, arguments)
