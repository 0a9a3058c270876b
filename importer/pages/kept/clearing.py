"""Folders that the pages keep, cleared by age and number: what is still needed stays."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LONGEST = 90 * 24 * 3600.0  # seconds since something was written in it


def clear(kept: Path, most: int, is_needed: Callable[[str], bool]) -> None:
    """Deletes the folders in ``kept`` that were last written to too long ago, and all but the
    newest ``most``; never one that ``is_needed``, by its name."""
    found = sorted(_folders(kept), key=lambda one: -one[1])
    now = time.time()
    for number, (folder, written) in enumerate(found):
        if (number >= most or now - written > LONGEST) and not is_needed(folder.name):
            # Another server on the same directory may do the same.
            shutil.rmtree(folder, ignore_errors=True)


def _folders(kept: Path) -> list[tuple[Path, float]]:
    """Each folder, and when something in it was written last."""
    found = []
    with suppress(OSError):
        for folder in kept.iterdir():
            with suppress(OSError):
                parts = [folder, *folder.iterdir()]
                found.append((folder, max(one.stat().st_mtime for one in parts)))
    return found
