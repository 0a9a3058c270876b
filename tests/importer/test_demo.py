"""What the demonstration tells a newcomer to type is understood, and a sandbox fills the tutorial
tables it is to be tried with. The demonstration kept running: tests/test_days.py."""

from __future__ import annotations

import re
import shlex

from importer.demo import _DO, _LOOK
from sync.demo import fill_tutorial_tables
from sync.sandbox.company.generate import Size
from tests.databases import Databases, opened
from tests.test_command_lines import command_of


def test_what_the_demonstration_says_to_type_is_understood() -> None:
    lines = [re.split(r" {2,}", line.strip())[0] for line in (*_LOOK.split("\n"), *_DO.split("\n"))]
    for line in lines:
        if line.startswith("admsync "):
            command_of(shlex.split(line)[1:])
    assert len(lines) > 10


def test_a_sandbox_fills_tutorial_tables_that_are_empty(
    databases: Databases, template: str
) -> None:
    with databases.fresh(template) as url, opened(url) as database:
        assert fill_tutorial_tables(database, Size.parse((), 1))
        with database.driver_transaction() as reader:
            [(number,)] = reader.execute("SELECT count(*) FROM acted.tutorial_venues").fetchall()
        assert number > 0
        assert not fill_tutorial_tables(database, Size.parse((), 1))
