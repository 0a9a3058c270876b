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
