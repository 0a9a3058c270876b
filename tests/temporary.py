"""Where the tests keep their files: in memory, where there is room for them.

Each database of a test is a few hundred files, made and thrown away: the system spends more time on
a disk's files than the tests and PostgreSQL together spend on everything else.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psutil

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - what is in it belongs to the tests
ROOM = 4 * 2**30


def keep_files_in_memory() -> None:
    """Has this process and those that it starts make their temporary files in memory.

    A place that TMPDIR names is kept to. So is the system's own where memory has no room, or where
    no program can be run from it.
    """
    if "TMPDIR" not in os.environ and _usable(IN_MEMORY):
        os.environ["TMPDIR"] = str(IN_MEMORY)
        tempfile.tempdir = None  # found out anew


def _usable(place: Path) -> bool:
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        return False
    mounted = os.statvfs(place)
    room = min(mounted.f_bavail * mounted.f_frsize, psutil.virtual_memory().available)
    return room >= ROOM and not mounted.f_flag & os.ST_NOEXEC
