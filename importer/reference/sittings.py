"""Sittings and their exam sessions in the catalogue."""

from __future__ import annotations

import re

from importer.reference.values import Reference

_SITTING = re.compile(r"(20[0-9]{2})([AS])", re.IGNORECASE)
SITTING_FORM = "a year and A (April) or S (September): 2026A"
"""The expected form of a sitting, for error messages."""

_MONTHS = {"A": "04", "S": "09"}
_LETTERS = {month: letter for letter, month in _MONTHS.items()}
_SESSION = re.compile(r"(20[0-9]{2})-(04|09)")
_OLDER_SESSION = re.compile(r"([0-9]{2})(S?)", re.IGNORECASE)


def exam_session(sitting: str) -> str | None:
    """The exam session of a sitting (``2026A``: ``2026-04``), or None for another text."""
    found = _SITTING.fullmatch(sitting.strip())
    return f"{found[1]}-{_MONTHS[found[2].upper()]}" if found else None


def sitting_of(session_code: str) -> str | None:
    """The sitting of an exam session (``2026-04`` and, in older rows, ``26``: ``2026A``; ``26S``:
    ``2026S``), or None for another code."""
    code = session_code.strip()
    if found := _SESSION.fullmatch(code):
        return f"{found[1]}{_LETTERS[found[2]]}"
    if older := _OLDER_SESSION.fullmatch(code):
        return f"20{older[1]}{older[2].upper() or 'A'}"
    return None


def sittings_of(reference: Reference) -> list[str]:
    """The sittings with active tutorials in the catalogue, earliest first."""
    found = (sitting_of(product.exam_session) for product in reference.products)
    return sorted({sitting for sitting in found if sitting is not None})
