"""Saving a workbook: whole or not at all, and where it cannot be, in one message."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

from ledger.errors import AdmsyncError


class NotSaved(AdmsyncError):
    """A workbook could not be written where it was to go; what was there stands."""


def save(book: Workbook, path: Path) -> None:
    """Puts the workbook in its place, or raises ``NotSaved``."""
    packed = BytesIO()
    book.save(packed)
    check_place(path)
    # Beside it, so that it is only renamed: nobody meets half a workbook.
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(packed.getvalue())
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise NotSaved(f"{path} cannot be written: {problem.strerror or problem}") from problem


def check_place(path: Path) -> None:
    """Raises ``NotSaved`` where no file by that name can be written, before there is one."""
    if not path.parent.is_dir():
        raise NotSaved(f"{path} cannot be written: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise NotSaved(f"{path} cannot be written: nothing may be written in {path.parent}")
