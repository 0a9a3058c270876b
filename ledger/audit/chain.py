"""The chain of an audit pack: every link, and where each event of the run stands on it.

From the run's first event to its last every append is opened. One append holds events of one run
alone, so it is either the run's, and all its events are in the pack, or another's, which one of its
events proves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from attrs import define, field

from ledger.audit.form import EVENTS, HASHES, OTHERS, UNPROVEN_FORM, Append, Hashes, Manifest
from ledger.events import CATALOGUE, WorkbookRead
from ledger.events.base import BLOB
from ledger.store.entries import StoredEvent


@define
class Chain:
    """Walks along the appends, and in step with them along the events and the hashes.

    ``find`` is told each deviation. ``last`` is the run's last position.
    """

    manifest: Manifest
    find: Callable[[str], None]
    events: Iterator[StoredEvent]
    hashes: Iterator[Hashes]
    others: Iterator[StoredEvent]
    appends: int = 0
    count: int = 0
    last: int = 0
    _version: int = 0
    _workbook: str | None = None
    _event: StoredEvent | None = field(init=False, default=None)
    _hashes: Hashes | None = field(init=False, default=None)

    def walk(self, appends: Iterator[Append], anchor: str | None) -> None:
        """Checks every link from before the first append to the head, and all that they hold."""
        link, expected, anchored = bytes.fromhex(self.manifest.before), None, None
        self._next_event()
        self._hashes = next(self.hashes, None)
        for append in appends:
            self.appends += 1
            if expected is not None and append.first_position != expected:
                self._find_append(append, "the append before it is missing")
            if hashlib.sha256(link + append.root).digest() != append.link:
                self._find_append(append, "its link does not follow the one before")
            self._open(append)
            link, expected = append.link, append.first_position + append.count
            if link.hex() == anchor:
                anchored = expected - 1
        if (link.hex(), expected) != (self.manifest.link, self.manifest.position + 1):
            self.find("the chain does not end in the head that the pack names")
        self._finish()
        if anchor is not None:
            self._check_anchor(anchor, anchored)

    def _check_anchor(self, anchor: str, anchored: int | None) -> None:
        if anchored is None:
            self.find(
                f"no append has the link {anchor}: it is of another chain, or was noted before the"
                " run or after the export; for a later one, export the run again"
            )
        elif anchored < self.last:
            self.find(
                f"the link {anchor} covers the ledger up to position {anchored}; the run's events"
                f" go on to {self.last}"
            )

    def _open(self, append: Append) -> None:
        """Checks the events of an append, where any of the run's may be in it."""
        listed = self._hashes
        if listed is None or listed.first_position != append.first_position:
            if self._event is not None and self._is_complete():
                self._find_append(append, "nothing shows whose events are in it")
            return
        self._hashes = next(self.hashes, None)
        root = hashlib.sha256(b"".join(listed.hashes)).digest()
        if len(listed.hashes) != append.count or root != append.root:
            self._find_append(append, "its root is not that of its events")
        left_out = []
        for position, found in enumerate(listed.hashes, append.first_position):
            self._pass_to(position)
            if self._event is None or self._event.position != position:
                left_out.append(position)
                continue
            if self._event.hash != found:
                self.find(f"position {position}: another event was appended there")
            self._next_event()
        if len(left_out) == len(listed.hashes):
            self._is_of_another_run(append, listed)
        elif left_out and self._is_complete():
            self.find(f"position {left_out[0]}: an event of the run is missing")

    def _is_of_another_run(self, append: Append, listed: Hashes) -> None:
        event = next(self.others, None)
        if (
            event is None
            or event.position != append.first_position
            or not event.is_as_hashed()
            or listed.hashes[:1] != [event.hash]
            or str(event.run_id) == self.manifest.run_id
        ):
            self._find_append(append, "nothing shows that its events are another run's")

    def _is_complete(self) -> bool:
        return self.manifest.form != UNPROVEN_FORM

    def _next_event(self) -> None:
        """The run's next event, checked by itself: its hash, its run, its place in the order."""
        self._event = event = next(self.events, None)
        if event is None:
            return
        self.count += 1
        where = f"position {event.position}"
        if not event.is_as_hashed():
            self.find(f"{where}: the {event.type} is not what was hashed")
        if str(event.run_id) != self.manifest.run_id:
            self.find(f"{where}: the event is of another run")
        if event.position <= self.last:
            self.find(f"{where}: the events are out of order")
        if event.stream == f"run/{self.manifest.run_id}":
            self._version += 1
            if event.version != self._version:
                self.find(f"{where}: an event of the run's own history is missing")
        if event.type == WorkbookRead.__name__ and self._workbook is None:
            self._workbook = next(iter(CATALOGUE.held(BLOB, event.type, event.payload)), None)
        self.last = event.position

    def _pass_to(self, position: int | None) -> None:
        """Passes over events that stand in no append that was opened."""
        while self._event is not None and (position is None or self._event.position < position):
            self.find(f"position {self._event.position}: the event is in no append")
            self._next_event()

    def _finish(self) -> None:
        self._pass_to(None)
        if self.count != self.manifest.events:
            self.find(f"{EVENTS} has {self.count} events, the manifest says {self.manifest.events}")
        if not self._version:
            self.find("the run's own history is missing")
        if self._workbook != self.manifest.workbook:
            self.find("the workbook that the manifest names is not the one that the run read")
        for name, left in ((HASHES, self._hashes), (OTHERS, next(self.others, None))):
            if left is not None:
                self.find(f"{name} has a line that belongs to no append here")

    def _find_append(self, append: Append, what: str) -> None:
        self.find(f"the append at {append.first_position}: {what}")
