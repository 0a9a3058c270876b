"""The program as a person runs it: a process of its own, its output read through pipes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests import forked_program
from tests.forked_program import KEPT

ADMSYNC = Path(sys.executable).with_name("admsync")
# A made-up password; wherever it turns up in an output, one of a person would.
SECRET = "gooseberry%20fool"
WIDE = "10000"  # columns: no line is wrapped


def environment(
    url: str | None = None, settings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What is set for the program: nothing of the tests' own surroundings but where things are."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    given = {} if url is None else {"DATABASE_URL": url}
    ours = {"ADMSYNC_ACTOR": "tests", "ADMSYNC_LINGER": "0", "COLUMNS": WIDE}
    return {**kept, **given, **ours, **(settings or {})}


def admsync(
    *arguments: str,
    url: str | None = None,
    settings: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end, on the database at a URL; with the ``settings`` too."""
    command, given = [str(ADMSYNC), *arguments], environment(url, settings)
    directory = str(cwd or tempfile.gettempdir())
    if not any(name.startswith("PYTHON") for name in given):
        return forked_program.run(command, given, directory)
    return subprocess.run(  # Python itself heeds these, when it starts
        command,
        env=given,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
