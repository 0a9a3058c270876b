"""Verifies an audit pack without the database: its events, their place on the chain, its page.

It proves that each event is, byte for byte, what was hashed at its append, that the appends have
these roots, and that their links lead to the head named in the pack. A link noted elsewhere
(``anchor``) binds that chain to an outside witness. A pack is untrusted input of any content.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cattrs
import orjson
from attrs import define, field, frozen

from ledger.audit import form
from ledger.audit.page import page
from ledger.errors import AdmsyncError
from ledger.runs.run import software_version
from ledger.store.entries import StoredEvent

# The upper bound of a line of a pack, and of a part read at once.
_LONGEST = 64 * 2**20


class NoPack(AdmsyncError):
    """The file is no audit pack, or one of a later format."""


@frozen
class Checked:
    """The content of a pack and its deviations."""

    manifest: form.Manifest
    appends: int
    findings: tuple[str, ...]
    page_compared: bool

    @property
    def ok(self) -> bool:
        return not self.findings


def check(path: Path, *, anchor: str | None = None) -> Checked:
    """Verifies an audit pack. Raises ``NoPack`` where the file is none."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as pack:
            checking = _Checking(pack, _manifest(pack))
            checking.parts()
            checking.events()
            checking.chain(anchor)
            checking.plan()
            checking.page()
    except Exception as problem:
        # Untrusted content: reading it may raise any error.
        raise NoPack(f"{path} is no audit pack of admsync: {problem}") from problem
    return Checked(
        checking.manifest, checking.appends, tuple(checking.findings[:100]), checking.page_compared
    )


@define
class _Checking:
    pack: zipfile.ZipFile
    manifest: form.Manifest
    appends: int = 0
    findings: list[str] = field(factory=list)
    hashes: dict[int, str] = field(factory=dict)
    page_compared: bool = True

    def parts(self) -> None:
        """Checks that each part is there once, and no other: an unchecked part proves nothing."""
        for name, times in Counter(self.pack.namelist()).items():
            if name not in form.PARTS:
                self.findings.append(f"{name} is no part of an audit pack")
            elif times > 1:
                self.findings.append(f"{name} is in it twice")

    def events(self) -> None:
        """Checks each event's hash and run, and that the run's history has no gap."""
        version, last, count = 0, 0, 0
        for event in self._events():
            count += 1
            where = f"position {event.position}"
            if event.computed_hash() != event.hash:
                self.findings.append(f"{where}: the {event.type} is not what was hashed")
            if str(event.run_id) != self.manifest.run_id:
                self.findings.append(f"{where}: the event is of another run")
            if event.position <= last:
                self.findings.append(f"{where}: the events are out of order")
            if event.stream == f"run/{self.manifest.run_id}":
                version += 1
                if event.version != version:
                    self.findings.append(f"{where}: an event of the run's own history is missing")
            last = event.position
            self.hashes[event.position] = event.hash.hex()
        if count != self.manifest.events:
            self.findings.append(f"{count} events are here, {self.manifest.events} are announced")

    def chain(self, anchor: str | None) -> None:
        """Checks every link from before the first append to the head, and the roots over the run's
        events."""
        link, expected, anchored = self.manifest.before, None, False
        listed = {one["first_position"]: one["hashes"] for one in self._lines(form.HASHES)}
        for one in self._lines(form.APPENDS):
            first, count = int(one["first_position"]), int(one["count"])
            where = f"the append at {first}"
            self.appends += 1
            if expected is not None and first != expected:
                self.findings.append(f"{where}: the append before it is missing")
            root = bytes.fromhex(one["root"])
            if hashlib.sha256(bytes.fromhex(link) + root).hexdigest() != one["link"]:
                self.findings.append(f"{where}: its link does not follow the one before")
            if first in listed:
                self._root(where, first, count, root, listed.pop(first))
            link, expected = str(one["link"]), first + count
            anchored = anchored or link == anchor
        if (link, expected) != (self.manifest.link, self.manifest.position + 1):
            self.findings.append("the chain does not end in the head that the pack names")
        self.findings += [f"position {at}: the event is in no append" for at in self.hashes]
        if anchor is not None and not anchored:
            self.findings.append(f"no append has the link {anchor}: this is another chain")

    def plan(self) -> None:
        """Checks that the listed plan is the one in the events."""
        if not self._holds(form.PLAN, form.plan_lines(self._events())):
            self.findings.append(f"{form.PLAN} does not hold what the events planned")

    def page(self) -> None:
        """Checks that the page shows exactly these events, where this version of the program made
        it: another version may word them otherwise."""
        if self.manifest.software != software_version():
            self.page_compared = False
            return
        names = {str(k): str(v) for k, v in self._document(form.NAMES).items()}
        expected = page(self.manifest, self._events(), names)
        if not self._holds(form.PAGE, (part.encode() for part in expected)):
            self.findings.append(f"{form.PAGE} does not tell what the events say")

    def _holds(self, name: str, parts: Iterable[bytes]) -> bool:
        expected, found = hashlib.sha256(), hashlib.sha256()
        for part in parts:
            expected.update(part)
        with self.pack.open(name) as stream:
            while content := stream.read(2**20):
                found.update(content)
        return expected.digest() == found.digest()

    def _root(self, where: str, first: int, count: int, root: bytes, hashes: list[str]) -> None:
        together = hashlib.sha256(b"".join(map(bytes.fromhex, hashes))).digest()
        if len(hashes) != count or together != root:
            self.findings.append(f"{where}: its root is not that of its events")
        for position, listed in enumerate(hashes, first):
            if self.hashes.pop(position, listed) != listed:
                self.findings.append(f"position {position}: another event was appended there")

    def _events(self) -> Iterator[StoredEvent]:
        for line in self._lines(form.EVENTS):
            yield form.event_of(line)

    def _document(self, name: str) -> dict[str, Any]:
        return _parsed(_start(self.pack, name))

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        with self.pack.open(name) as stream:
            while line := stream.readline(_LONGEST):
                yield _parsed(line)


def _manifest(pack: zipfile.ZipFile) -> form.Manifest:
    found = _parsed(_start(pack, form.MANIFEST))
    if found.get("form") != form.FORM:
        raise ValueError(f"its form is {found.get('form')}, this program knows {form.FORM}")
    try:
        return cattrs.structure(found, form.Manifest)
    except cattrs.BaseValidationError as problem:
        raise ValueError(f"{form.MANIFEST} lacks what it must hold") from problem


def _start(pack: zipfile.ZipFile, name: str) -> bytes:
    with pack.open(name) as stream:
        return stream.read(_LONGEST)


def _parsed(data: bytes) -> dict[str, Any]:
    found = orjson.loads(data)
    if not isinstance(found, dict):
        raise ValueError("an object was expected")
    return found
