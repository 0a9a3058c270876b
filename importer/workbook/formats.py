"""Names the actual format of a file that is no Excel workbook (.xlsx)."""

from __future__ import annotations

from collections.abc import Collection

from importer.workbook.problems import WorkbookError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"
_SAVE = "Open it in a spreadsheet program and save it as .xlsx."

# Formats by their first bytes, ignoring case, leading spaces and a byte order mark.
_STARTS = (
    (b"%pdf", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<table", "a web page"),
    (b"<?xml", "an XML file"),
    (b"<", "a web page or an XML file"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"rar!", "a compressed file (RAR)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
)

# Formats by the name of a part in the zip.
_PARTS = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    ("word/document.xml", "a Word document (.docx)"),
    ("ppt/presentation.xml", "a PowerPoint presentation (.pptx)"),
    ("Index/Document.iwa", "an Apple Numbers document (.numbers)"),
    ("content.xml", "an OpenDocument file (.ods)"),
)


def refuse_other_formats(name: str, content: bytes) -> None:
    """Raises `WorkbookError` for a file that is no zip, naming its format."""
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise WorkbookError(
                f"{name} is protected by a password. Save it without one and import it again."
            )
        raise WorkbookError(
            f"{name} is an old .xls workbook, or protected by a password. "
            "Save it as .xlsx without a password and import it again."
        )
    if content.startswith(_ZIP):
        return
    if not content.strip():
        raise WorkbookError(f"{name} is no Excel workbook (.xlsx); it is empty.")
    head = content[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, what in _STARTS:
        if head.startswith(start):
            raise WorkbookError(f"{name} is no Excel workbook (.xlsx) but {what}. {_SAVE}")
    if _is_text(content[:4096]):
        raise WorkbookError(
            f"{name} is no Excel workbook (.xlsx) but a text file, such as .csv. {_SAVE}"
        )


def other_zip(name: str, parts: Collection[str]) -> WorkbookError:
    """The format of a zip without a workbook."""
    for part, what in _PARTS:
        if part in parts:
            return WorkbookError(f"{name} is no Excel workbook (.xlsx) but {what}. {_SAVE}")
    return WorkbookError(
        f"{name} cannot be read as a workbook: it is a zip file without one in it. {_SAVE}"
    )


def _is_text(head: bytes) -> bool:
    for encoding in ("utf-8", "utf-16"):
        try:
            text = head.decode(encoding, errors="ignore")
        except UnicodeError:
            continue
        if text and all(one.isprintable() or one.isspace() for one in text):
            return True
    return False
