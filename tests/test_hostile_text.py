"""Every command, in a company whose every text from outside would act on the terminal: no raw byte
of it is printed, to a terminal or a pipe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category

import pytest
from attrs import evolve

from importer.program import COMMANDS
from tests.databases import Databases, database_name
from tests.every_command import CALLS, REFUSED, Calls, Hostile, failing, hostile_company

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
    shown = ""
    for arguments in (*CALLS[name], *REFUSED):
        called = (name, *hostile.called(arguments))
        for printed in (hostile.at_terminal(*called), hostile.piped(*called)):
            assert_harmless(printed, called)
            assert "Traceback" not in printed or "--debug" in called, printed
            assert not re.search(r"unexpected [A-Z]\w+:", printed), (called, printed)
            shown += printed
    assert r"\u202e" in shown


SAID: Calls = (("sync", "venues"), ("doctor",))


@pytest.mark.parametrize("called", SAID, ids=" ".join)
def test_nothing_that_administrate_says_is_printed_as_it_is(
    hostile: Hostile, called: tuple[str, ...]
) -> None:
    with failing() as more:
        refused = evolve(hostile, more=more)
        for printed in (refused.at_terminal(*called), refused.piped(*called)):
            assert_harmless(printed, called)
