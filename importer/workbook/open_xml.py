"""The parts of an Open XML workbook that an import needs: sheets, shared texts, formats, links.

openpyxl gives None for a blank cell and for a formula that was never calculated alike, refuses a
file for a bad colour in its styles or a bad date in its properties, and reads no Strict files
(other namespaces, dates as text). So the few parts that matter are read here, and openpyxl's
number formats and date arithmetic are used on them. Tags and relationships are compared without
their namespaces, which is all that Strict files change in them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO
from xml.etree.ElementTree import Element, iterparse
from zipfile import ZipFile

from attrs import field, frozen
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from importer.workbook.archive import READ

_ROOT_RELATIONS = "_rels/.rels"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_TRUE = frozenset({"1", "true", "on"})


@frozen
class SheetPart:
    """A worksheet: its name and where it is; a hidden one is not ``visible``."""

    title: str
    path: str
    visible: bool


@frozen
class Package:
    """A workbook's archive and the parts in it, each by the name that other parts use for it."""

    archive: ZipFile = field(repr=False)
    _names: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, archive: ZipFile) -> Package:
        """Some programs write names with backslashes, or in another case than they refer to."""
        return cls(archive, {_key(name): name for name in archive.namelist()})

    def workbook(self) -> str | None:
        """The path of the workbook's own part, if there is one."""
        for kind, target, _ in self._relations(""):
            if kind == "officeDocument" and self.has(target):
                return target
        return "xl/workbook.xml" if self.has("xl/workbook.xml") else None

    def has(self, path: str) -> bool:
        return _key(path) in self._names

    def open(self, path: str) -> IO[bytes]:
        """A part's content; raises ``KeyError`` where there is no such part."""
        return self.archive.open(self._names[_key(path)])

    def elements(self, path: str) -> Iterator[tuple[str, Element]]:
        """Each element of a part as it ends, with its name; nothing for a part that is missing.

        The archive was checked before: no part has a document type, and so no entities.
        """
        if not self.has(path) or not path.casefold().endswith(READ):
            return
        with self.open(path) as content:
            for _, element in iterparse(content, events=("end",)):  # noqa: S314 - as just said
                yield local(element.tag), element

    def related(self, path: str, kind: str) -> str | None:
        """The first part of a kind that a part refers to."""
        return next((to for found, to, _ in self._relations(path) if found == kind), None)

    def targets(self, path: str) -> dict[str, str]:
        """The targets of a part's relationships, by their ids."""
        return {key: target for _, target, key in self._relations(path)}

    def _relations(self, path: str) -> Iterator[tuple[str, str, str]]:
        """Kind, target and id of each relationship; a target in the package is its path."""
        folder, name = posixpath.split(path)
        own = posixpath.join(folder, "_rels", f"{name}.rels") if path else _ROOT_RELATIONS
        for tag, element in self.elements(own):
            if tag != "Relationship":
                continue
            target = element.get("Target", "")
            if element.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield element.get("Type", "").rpartition("/")[2], target, element.get("Id", "")


def worksheets(package: Package, workbook: str) -> tuple[list[SheetPart], datetime]:
    """The worksheets in their order (charts are none), and the day that dates are counted from."""
    epoch = WINDOWS_EPOCH
    found: list[tuple[str, str, bool]] = []
    for tag, element in package.elements(workbook):
        if tag == "workbookPr" and element.get("date1904", "") in _TRUE:
            epoch = MAC_EPOCH
        elif tag == "sheet":
            key = next((value for name, value in element.items() if local(name) == "id"), "")
            visible = element.get("state", "visible") == "visible"
            found.append((element.get("name", ""), key, visible))
    sheets = {key: to for kind, to, key in package._relations(workbook) if kind == "worksheet"}
    return [
        SheetPart(title, sheets[key], visible)
        for title, key, visible in found
        if key in sheets and package.has(sheets[key])
    ], epoch


def shared_texts(package: Package, workbook: str) -> list[str]:
    """The texts that cells refer to by number."""
    texts: list[str] = []
    for tag, element in package.elements(package.related(workbook, "sharedStrings") or ""):
        if tag == "si":
            texts.append(text_of(element))
            element.clear()
    return texts


@frozen
class Formats:
    """The styles, by number, in which a cell's number is a date or a time, or a duration."""

    dates: frozenset[int]
    durations: frozenset[int]


def formats(package: Package, workbook: str) -> Formats:
    """Read from the styles, of which only the formats of numbers count."""
    codes: dict[int, str] = dict(BUILTIN_FORMATS)
    used: list[int] = []
    for tag, element in package.elements(package.related(workbook, "styles") or ""):
        if tag == "numFmt" and (number := _whole(element.get("numFmtId"))) is not None:
            codes[number] = element.get("formatCode", "")
        elif tag == "cellXfs":
            used = [_whole(style.get("numFmtId")) or 0 for style in element]
    shown = [codes.get(number, "") for number in used]
    return Formats(
        frozenset(style for style, code in enumerate(shown) if is_date_format(code)),
        frozenset(style for style, code in enumerate(shown) if is_timedelta_format(code)),
    )


def text_of(element: Element) -> str:
    """The text of a shared or inline string, its differently formatted parts together."""
    parts = []
    for child in element:
        if local(child.tag) == "t":
            parts.append(child.text or "")
        elif local(child.tag) == "r":
            parts += [part.text or "" for part in child if local(part.tag) == "t"]
    return unescaped("".join(parts))


def unescaped(text: str) -> str:
    """Text with the characters that XML cannot hold as themselves (``_x000D_``)."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character.isprintable() or character in "\t\n\r" else found[0]


def local(tag: str) -> str:
    """A tag's or an attribute's name without its namespace."""
    return tag.rpartition("}")[2]


def _key(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").casefold()


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
