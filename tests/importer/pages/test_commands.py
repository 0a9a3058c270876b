"""Commands that a page starts outlive the server, and their exit codes are kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from importer.pages.kept.commands import started_command
from ledger.settings.environment import Environment
from tests.importer.pages.serving import until

STARTING = """
import os
from importer.pages.kept.commands import start
from ledger.settings.environment import Environment
print(start(Environment.of(dict(os.environ)), "somebody", ["{}"]), flush=True)
"""


@pytest.mark.parametrize(("word", "code"), [("--version", 0), ("--no-such-option", 2)])
def test_an_exit_code_is_kept_though_the_server_ended_first(
    tmp_path: Path, word: str, code: int
) -> None:
    given = {**os.environ, "ADMSYNC_DATA_DIR": str(tmp_path)}
    environ = Environment.of(given)
    server = [sys.executable, "-c", STARTING.format(word)]
    name = subprocess.run(server, env=given, check=True, capture_output=True, text=True).stdout
    ended = until(lambda: started_command(environ, name.strip()), lambda one: not one.running)
    assert (ended.code, ended.ended_well) == (code, code == 0), ended.said
