"""Global ids: base64 of ``Prefix:number``, where the prefix is often not the type's name."""

from __future__ import annotations

import base64
import binascii


def global_id(prefix: str, number: int | str) -> str:
    return base64.b64encode(f"{prefix}:{number}".encode()).decode()


def split_id(identifier: str) -> tuple[str, str] | None:
    """The prefix and the legacy id of a global id; None where the text is not one."""
    try:
        prefix, colon, legacy = base64.b64decode(identifier, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (prefix, legacy) if colon and prefix and legacy else None


def cursor(index: int) -> str:
    """The cursor of the record at a 0-based position: ``Q3Vyc29yOjA=`` is the first."""
    return global_id("Cursor", index)


def cursor_index(text: str) -> int | None:
    parts = split_id(text)
    if parts is None or parts[0] != "Cursor" or not parts[1].isdecimal():
        return None
    return int(parts[1])
