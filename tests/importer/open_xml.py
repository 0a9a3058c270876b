"""Workbooks as other programs write them: made by openpyxl, then changed part by part."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

SHEET_PART = "xl/worksheets/sheet1.xml"

_STRICT = (
    (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    ),
    (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
)


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The workbook with each part as ``change`` gives it; a part that is None is left out."""
    with zipfile.ZipFile(path) as source:
        parts = {name: change(name, source.read(name)) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            if content is not None:
                made.writestr(name, content)
    return path


def replaced(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """The workbook with a text of one part replaced; the text must be there."""

    def change(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        assert old in content, f"{part} holds no {old!r}"
        return content.replace(old, new)

    return rewritten(path, change)


def strict(path: Path) -> Path:
    """The workbook as a Strict Open XML file."""

    def change(_name: str, content: bytes) -> bytes:
        for transitional, purl in _STRICT:
            content = content.replace(transitional, purl)
        return content

    return rewritten(path, change)


def with_cell(path: Path, cell: str, xml: str) -> Path:
    """The workbook with one cell's element written by hand."""

    def change(name: str, content: bytes) -> bytes:
        if name != SHEET_PART:
            return content
        start = content.index(f'<c r="{cell}"'.encode())
        tail = content[start:]
        open_end = tail.index(b">")
        empty = tail[open_end - 1 : open_end] == b"/"
        end = open_end + 1 if empty else tail.index(b"</c>") + len(b"</c>")
        return content[:start] + xml.encode() + content[start + end :]

    return rewritten(path, change)
