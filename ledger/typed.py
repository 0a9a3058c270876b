"""What people type, as the text they meant, whatever locale Python began in."""

from __future__ import annotations

import os
import re

# What Python makes of a byte that the locale's encoding has no character for.
_UNREAD = re.compile("[\udc80-\udcff]")


def as_typed(text: str) -> str:
    """A text of the command line or the environment, in UTF-8 where the locale's encoding (ASCII,
    with ``LC_ALL=C`` and without Python's UTF-8 mode) could not read it. Not for a file's name,
    which the system wants back byte by byte."""
    if not _UNREAD.search(text):
        return text
    try:
        return os.fsencode(text).decode()
    except UnicodeError:
        return text


def typed_text(line: bytes, encoding: str) -> str:
    """A line typed at a terminal: in its encoding or, where it is none of that, in UTF-8."""
    try:
        return line.decode(encoding)
    except UnicodeError:
        return line.decode("utf-8", "replace")
