"""The program itself, started as a person starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

_PROGRAM = "from importer.program import main; main()"


def admsync(
    *arguments: str, url: str, settings: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """The program, run to its end with these arguments, on a database and an Administrate."""
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        env={**os.environ, **settings, "DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
