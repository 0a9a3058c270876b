"""Verifies an audit pack without the database: its events, their place on the chain, its page.

It proves that each event is, byte for byte, what was hashed at its append, that the events are all
of the run's from its first to the last here, that the links of the appends lead to the head named
in the pack, and that the page shows these events. A link noted elsewhere (``anchor``) binds that
chain to an outside witness. A pack is untrusted input of any content and size; nothing in it says
what is checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import define, field, frozen

from ledger.audit import form
from ledger.audit.archive import Archive
from ledger.audit.chain import Chain
from ledger.audit.page import page
from ledger.errors import AdmsyncError
from ledger.files import NewFile
from ledger.runs.run import software_version
from ledger.store.entries import StoredEvent

_MOST_FINDINGS, _LONGEST_FINDING = 100, 300


class NoPack(AdmsyncError):
    """The file is no audit pack, or one of a later format."""


@frozen
class Checked:
    """The content of a pack and its deviations, the first hundred of them.

    ``proven``: its events and plan have none; its page may.
    """

    manifest: form.Manifest
    appends: int
    findings: tuple[str, ...]
    proven: bool

    @property
    def ok(self) -> bool:
        return not self.findings


def check(path: Path, *, anchor: str | None = None) -> Checked:
    """Verifies an audit pack. Raises ``NoPack`` where the file is none."""
    try:
        with path.open("rb") as file:
            archive = Archive.of(file)
            checking = _Checking(archive, form.manifest_of(archive.whole(form.MANIFEST)))
            checking.parts()
            appends = checking.chain(anchor)
            checking.plan()
            proven = not checking.findings
            checking.page()
    except Exception as problem:
        # Untrusted content: reading it may raise any error.
        why = str(problem)[:_LONGEST_FINDING]
        raise NoPack(f"{path} is no audit pack of admsync: {why}") from problem
    return Checked(checking.manifest, appends, tuple(checking.findings), proven)


def write_page(path: Path, into: NewFile) -> None:
    """Writes the page of a pack anew, of its events. Only for one whose events are proven."""
    with path.open("rb") as file, into.opened() as page_file:
        archive = Archive.of(file)
        manifest = form.manifest_of(archive.whole(form.MANIFEST))
        for part in page(manifest, lambda: _events(archive, form.EVENTS)):
            page_file.write(part.encode())


@define
class _Checking:
    archive: Archive
    manifest: form.Manifest
    findings: list[str] = field(factory=list)

    def find(self, what: str) -> None:
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(what[:_LONGEST_FINDING])

    def parts(self) -> None:
        """Checks that each part is there once, and no other: an unchecked part proves nothing."""
        for name in self.archive.parts:
            if name not in form.PARTS:
                self.find(f"{name} is no part of an audit pack")
        for name in self.archive.repeated:
            self.find(f"{name} is in it twice")

    def chain(self, anchor: str | None) -> int:
        """Checks the events and the chain they stand on; returns how many appends it has."""
        proves_all = self.manifest.form != form.UNPROVEN_FORM
        if not proves_all:
            self.find(
                f"its format, {self.manifest.form}, proves neither that no event is left out nor"
                " the names on its page; export the run again"
            )
        chain = Chain(
            self.manifest,
            self.find,
            _events(self.archive, form.EVENTS),
            (form.row_of(line, form.Hashes) for line in self.archive.lines(form.HASHES)),
            _events(self.archive, form.OTHERS) if proves_all else iter(()),
        )
        appends = (form.row_of(line, form.Append) for line in self.archive.lines(form.APPENDS))
        chain.walk(appends, anchor)
        return chain.appends

    def plan(self) -> None:
        """Checks that the listed plan is the one in the events."""
        if not self._holds(form.PLAN, form.plan_lines(_events(self.archive, form.EVENTS))):
            self.find(f"{form.PLAN} does not hold what the events planned")

    def page(self) -> None:
        """Checks that the page is the one that these events give."""
        expected = page(self.manifest, lambda: _events(self.archive, form.EVENTS))
        if self._holds(form.PAGE, (part.encode() for part in expected)):
            return
        made_by = self.manifest.software
        other = (
            ""
            if made_by == software_version()
            else f", which may be because admsync {made_by} made it"
        )
        self.find(
            f"{form.PAGE} does not tell what the events say{other}; --page FILE writes one that"
            " does"
        )

    def _holds(self, name: str, parts: Iterable[bytes]) -> bool:
        expected, found = hashlib.sha256(), hashlib.sha256()
        for part in parts:
            expected.update(part)
        for chunk in self.archive.chunks(name):
            found.update(chunk)
        return expected.digest() == found.digest()


def _events(archive: Archive, name: str) -> Iterator[StoredEvent]:
    return (form.row_of(line, StoredEvent) for line in archive.lines(name))
