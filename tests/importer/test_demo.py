"""The demonstration can be kept running, and a sandbox fills the tutorial tables it is to be tried
with: what a newcomer is told to type works."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
from pathlib import Path

from importer.demo import _DO, _LOOK
from sync.demo import fill_tutorial_tables
from sync.sandbox.company.generate import Size
from tests.databases import Databases, opened
from tests.program import ADMSYNC, admsync, environment
from tests.test_command_lines import command_of


def test_what_the_demonstration_says_to_type_is_understood() -> None:
    lines = [re.split(r" {2,}", line.strip())[0] for line in (*_LOOK.split("\n"), *_DO.split("\n"))]
    for line in lines:
        if line.startswith("admsync "):
            command_of(shlex.split(line)[1:])
    assert len(lines) > 10


def test_a_kept_demonstration_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    given = environment(settings={"ADMSYNC_DATA_DIR": str(tmp_path)})
    settings: dict[str, str] = {"ADMSYNC_DATA_DIR": str(tmp_path / "demo")}
    with subprocess.Popen(
        [ADMSYNC, "demo", "--keep"], env=given, stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if exported := re.fullmatch(r"  export (\w+)=(.*)\n", line):
                settings[exported[1]] = exported[2]
            if line.startswith("Ready"):
                break
        synced = admsync("sync", "locations", "--no-prompt", settings=settings)
        demo.send_signal(signal.SIGINT)
        assert demo.wait() == 0
    assert "✓ Locations: 0 created, 0 updated, 17 unchanged" in synced.stdout, synced.stderr


def test_a_sandbox_fills_tutorial_tables_that_are_empty(
    databases: Databases, template: str
) -> None:
    with databases.fresh(template) as url, opened(url) as database:
        assert fill_tutorial_tables(database, Size.parse((), 1))
        with database.driver_transaction() as reader:
            [(number,)] = reader.execute("SELECT count(*) FROM acted.tutorial_venues").fetchall()
        assert number > 0
        assert not fill_tutorial_tables(database, Size.parse((), 1))
