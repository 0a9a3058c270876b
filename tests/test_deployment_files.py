"""The files to run it with every night: each command line in them is one that the program takes."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from importer.program import program
from sync.settings import SETTINGS

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / ".deploy").iterdir())
README = ROOT / "README.md"


def command_lines(text: str) -> Iterator[list[str]]:
    """The arguments of each call of the program, as cron, systemd or a container makes it."""
    for line in text.splitlines():
        for called in re.findall(r"\.venv/bin/admsync ([^&#|>`]+)", line):
            if not line.startswith((" ", "#")):
                yield shlex.split(called)
    for words in re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE):
        yield json.loads(words)


def check(arguments: list[str]) -> None:
    """Parses them as the program does; what is wrong is raised."""
    command: click.Command = program
    rest = arguments
    while isinstance(command, click.Group):
        _, found, rest = command.resolve_command(click.Context(command), rest)
        assert found is not None, arguments
        command = found
    command.make_context(command.name, list(rest), resilient_parsing=False)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_command_line_is_one_that_the_program_takes(path: Path) -> None:
    text = path.read_text()
    lines = list(command_lines(text))
    assert lines or path.suffix == ".timer"
    for arguments in lines:
        check(["/dev/null" if one.endswith("sync.log") else one for one in arguments])
    known = {one.name for one in SETTINGS} | {f"{one.name}_FILE" for one in SETTINGS}
    assert set(re.findall(r"\b(?:ADMSYNC|ADMINISTRATE)_[A-Z_]+\b", text)) <= known


def test_the_readme_s_line_for_cron_is_that_of_the_file() -> None:
    [line] = re.findall(r"^15 2 .*$", (ROOT / ".deploy" / "crontab").read_text(), re.MULTILINE)
    assert line in README.read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for path in FILES:
        if path.suffix in (".service", ".timer"):
            # The program itself is installed elsewhere.
            text = re.sub(r"/srv/admsync/\.venv/bin/admsync", "/bin/true", path.read_text())
            (tmp_path / path.name).write_text(text)
    units = map(str, tmp_path.iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
