"""Security checks of a file before it is opened as a workbook.

The file is untrusted. It must be a zip of bounded size once unpacked, without a password, without a
document type (entities, external or exploding, come in with one) and without a formula that
starts a program. Each refusal is one `WorkbookError`.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from attrs import define, field, frozen

from importer.workbook.formats import refuse_other_formats
from importer.workbook.problems import SHOWN, WorkbookError

MEGABYTE = 1 << 20
MOST_PACKED = 32 * MEGABYTE
MOST_UNPACKED = 64 * MEGABYTE
MOST_PARTS = 2_000
MOST_ROWS = 50_000
MOST_ELEMENTS = 3_000_000  # more cells than that many rows of the template have
# The parts that are read, and so checked.
READ = (".xml", ".rels")

_CHUNK = 1 << 16
_LONGEST_FORMULA = 10_000
_LONGEST_MARK = 64

# A part without any of these bytes (NUL: it is in UTF-16) holds nothing that the parser below looks
# for, and most sheets hold none of them; parsing is twenty times the cost of this search.
_WORTH_PARSING = re.compile(rb"<!DOCTYPE|ddeLink|<(?:\w+:)?f[\s>]|\x00")

_QUOTED = re.compile(r'"[^"]*"')

# DDE (program|'arguments'!item) and the functions of old macro sheets; links are allowed.
_STARTS_A_PROGRAM = re.compile(
    r"[\w\]]\s*\|\s*['\"\w/]|\b(?:CALL|REGISTER(?:\.ID)?|EXEC|DDE|DDEINIT|WEBSERVICE)\s*\(",
    re.IGNORECASE,
)


@frozen
class WorkbookFile:
    """A workbook's bytes, read once: the same are validated, stored and reported."""

    name: str
    content: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256, the file's key in the ledger."""
        return hashlib.sha256(self.content).hexdigest()


def read_file(path: Path) -> WorkbookFile:
    """Reads a file once; raises `WorkbookError` where it cannot be read, or is too large."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_PACKED + 1)
    except OSError as error:
        raise WorkbookError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(content) > MOST_PACKED:
        raise WorkbookError(f"{path.name} is larger than {MOST_PACKED // MEGABYTE} MB.")
    return WorkbookFile(path.name, content)


def check_archive(file: WorkbookFile) -> None:
    """Raise `WorkbookError` unless the file is safe to hand to a workbook reader.

    Takes time and memory bounded by `MOST_UNPACKED`, whatever the file claims of itself.
    """
    refuse_other_formats(file.name, file.content)
    try:
        with ZipFile(BytesIO(file.content)) as archive:
            _check_sizes(file.name, archive.infolist())
            left = MOST_ELEMENTS
            for part in archive.infolist():
                if part.filename.casefold().endswith(READ):
                    left -= _check_part(file.name, archive, part, left)
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as why:
        raise WorkbookError(
            f"{file.name} is no Excel workbook (.xlsx), or a damaged one: {why}. "
            "Open it in a spreadsheet program and save it as .xlsx."
        ) from why


@contextmanager
def opened_content(file: WorkbookFile) -> Iterator[BytesIO]:
    """The checked file; whatever its reader raises over a broken part becomes a `WorkbookError`."""
    check_archive(file)
    try:
        yield BytesIO(file.content)
    except WorkbookError:
        raise
    except Exception as error:
        raise WorkbookError(
            f"{file.name} cannot be read as a workbook ({type(error).__name__}: "
            f"{str(error)[:200]}). Open it in a spreadsheet program and save it as .xlsx."
        ) from error


def _check_sizes(name: str, parts: list[ZipInfo]) -> None:
    # A part never yields more than the size stated for it, so the sum can be relied on.
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise WorkbookError(
            f"{name} unpacks to more than {MOST_UNPACKED // MEGABYTE} MB or {MOST_PARTS} "
            "parts; no import is that large. Copy the rows into an empty template."
        )
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookError(
            f"{name} is protected by a password. Save it without one and import it again."
        )


def _check_part(name: str, archive: ZipFile, part: ZipInfo, most: int) -> int:
    """The number of the part's elements, of which there may be so many."""
    with archive.open(part) as content:
        elements, worth_parsing = _scan(content, most)
    if not worth_parsing:
        if elements > most:
            raise _too_many(name)
        return elements
    watch = _Watch(f"{name} ({part.filename})", most)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = watch.doctype
    parser.StartElementHandler = watch.start
    parser.CharacterDataHandler = watch.text
    parser.EndElementHandler = watch.end
    try:
        with archive.open(part) as content:
            while chunk := content.read(_CHUNK):
                parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keywords
            parser.Parse(b"", True)  # noqa: FBT003 - expat takes no keywords
    except expat.ExpatError as error:
        raise WorkbookError(
            f"{name} is damaged: its part {part.filename} cannot be read ({error}). "
            "Open it in a spreadsheet program and save it again."
        ) from error

    return watch.elements


def _scan(content: IO[bytes], most: int) -> tuple[int, bool]:
    """The number of elements, and whether the parser has to look; ends early where it has, or where
    there are too many."""
    tail, rows, elements = b"", 0, 0
    while chunk := content.read(_CHUNK):
        rows += chunk.count(b"<row")
        elements += chunk.count(b"<") - chunk.count(b"</")
        if rows > MOST_ROWS or _WORTH_PARSING.search(tail + chunk):
            return elements, True
        if elements > most:
            break
        tail = chunk[-_LONGEST_MARK:]
    return elements, False


def _too_many(name: str) -> WorkbookError:
    return WorkbookError(
        f"{name} has more than {MOST_ELEMENTS:,} cells and other elements; no import is that large."
        " Copy the rows into an empty template."
    )


@define
class _Watch:
    """The forbidden constructs, as callbacks of expat."""

    where: str
    most: int
    elements: int = 0
    rows: int = 0
    cell: str = ""
    formula: list[str] | None = None

    def doctype(self, *_declaration: object) -> None:
        raise WorkbookError(
            f"{self.where} declares a document type, which no spreadsheet program writes and "
            "which can pull in other files. It is not read."
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        self.elements += 1
        if self.elements > self.most:
            raise _too_many(self.where)
        if tag == "row":
            self.rows += 1
            if self.rows > MOST_ROWS:
                raise WorkbookError(
                    f"{self.where} has more than {MOST_ROWS:,} rows. "
                    "Delete the empty rows under the last event and import it again."
                )
        elif tag == "c":
            self.cell = attributes.get("r", "")
        elif tag == "ddeLink":
            command = f"{attributes.get('ddeService', '')}|{attributes.get('ddeTopic', '')}"
            self._refuse(command)
        elif tag == "f":
            self.formula = []

    def text(self, data: str) -> None:
        if self.formula is not None and len(self.formula) < _LONGEST_FORMULA:
            self.formula.append(data)

    def end(self, name: str) -> None:
        if self.formula is not None and name.rpartition(" ")[2] == "f":
            formula, self.formula = "".join(self.formula), None
            if _STARTS_A_PROGRAM.search(_QUOTED.sub('""', formula[:_LONGEST_FORMULA])):
                self._refuse(formula)

    def _refuse(self, command: str) -> None:
        at = f"cell {self.cell}" if self.cell else "a link"
        raise WorkbookError(
            f"{self.where} holds a formula that starts a program, in {at}: "
            f"{command[:SHOWN]!r}. Delete it and import the file again."
        )
