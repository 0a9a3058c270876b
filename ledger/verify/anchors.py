"""Anchors: heads of the chain that were noted outside the database, compared with the ledger.

A line of JSON that has a ``position`` and its ``link`` is one: as the ends of runs are noted, and
as a log has them. Other lines say nothing of the ledger, and are passed over; one that was begun
and not written to its end is told, since a head was to be noted there.
"""

from __future__ import annotations

import stat
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import psycopg
from attrs import define, field, frozen

from ledger.errors import UsageRefused
from ledger.output.words import several
from ledger.runs.anchoring import is_address, is_posted, named_place
from ledger.settings.environment import ANCHORS
from ledger.verify.chain import Deviation

ANCHOR = "anchor"
# What a ledger that was compared with no anchor leaves open.
UNPROVEN = (
    "nothing noted outside the database was compared: that its end was not cut off, nor the whole"
    " made anew, is unproven"
)
_LONGEST_LINE = 2**20
_MOST_TORN = 10  # lines that are named
_AT_ONCE = 1000
# Of each position, what the ledger has there: the end of the append, and its link.
_STANDS = """
    SELECT a.first_position + a.count - 1, a.link
    FROM unnest(%b::bigint[]) WITH ORDINALITY AS noted (position, n)
    LEFT JOIN LATERAL (
        SELECT * FROM ledger.appends WHERE first_position <= noted.position
        ORDER BY first_position DESC LIMIT 1
    ) AS a ON true
    ORDER BY n
"""


@frozen
class Anchor:
    """A head that was noted, with the line of the file that it is on."""

    line: int
    position: int
    link: bytes


@define
class Anchors:
    """The anchors of a file; ``checked`` counts those compared with the ledger, ``torn`` has the
    first lines that were not written to their end."""

    path: Path
    checked: int = 0
    torn: list[int] = field(factory=list)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Anchors | None:
        """Those of the file that ``ADMSYNC_ANCHORS`` names, where there is one yet; where not,
        ``why_none`` says why."""
        return None if why_none(environ) else cls(Path(environ[ANCHORS.name]))

    def torn_in_words(self) -> str:
        """Which lines are torn; empty where none is."""
        if not self.torn:
            return ""
        more = ", …" if len(self.torn) == _MOST_TORN else ""
        lines = f"{several(len(self.torn), 'line')} {', '.join(map(str, self.torn))}{more}"
        return f"{lines} of {self.path}: not written to the end, so no head is read from there"

    def findings(self, reader: psycopg.Connection[Any]) -> Iterator[Deviation]:
        """The anchors that are not on the chain; that there is none is one, too."""
        noted = self._noted()
        while batch := list(islice(noted, _AT_ONCE)):
            self.checked += len(batch)
            yield from self.compared(reader, batch)
        if not self.checked:
            yield Deviation(ANCHOR, None, f"{self.path} has no line with a head of the chain")

    def newest(self) -> Anchor | None:
        """The last one in the file. Raises ``UsageRefused`` where that cannot be read."""
        return next(iter(deque(self._noted(), maxlen=1)), None)

    def compared(
        self, reader: psycopg.Connection[Any], noted: Sequence[Anchor]
    ) -> Iterator[Deviation]:
        """Those of some anchors that are not on the chain."""
        positions = [one.position for one in noted]
        stands = reader.execute(_STANDS, (positions,), binary=True).fetchall()
        for one, (last, link) in zip(noted, stands, strict=True):
            if (last, link) != (one.position, one.link):
                yield Deviation(ANCHOR, None, self._problem(one, last))

    def _problem(self, one: Anchor, last: int | None) -> str:
        noted = f"line {one.line} of {self.path} notes position {one.position}"
        if last is None:
            return f"{noted}; the ledger is empty: what was in it is gone"
        if last < one.position:
            return f"{noted}; the ledger ends at {last}: the events after it are gone"
        return f"{noted} with the link {one.link.hex()}; this ledger has another one there"

    def _noted(self) -> Iterator[Anchor]:
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(_lines(file), 1):
                    if (found := _read(line)) is not None:
                        yield Anchor(number, *found)
                    elif len(self.torn) < _MOST_TORN and _is_torn(line):
                        self.torn.append(number)
        except OSError as problem:
            why = problem.strerror or problem
            raise UsageRefused(f"{self.path} cannot be read: {why}") from problem


def why_none(environ: Mapping[str, str]) -> str:
    """Why no anchors are compared, and what to do; empty where ``ADMSYNC_ANCHORS`` names a file."""
    target = environ.get(ANCHORS.name)
    if not target:
        return f"set {ANCHORS.name}"
    named = f"{ANCHORS.name} names {named_place(target)}"
    if is_posted(target):
        return (
            f"{named}, and what was posted there cannot be read back: get its lines into a file,"
            " and compare them with admsync verify --anchors FILE"
        )
    if is_address(target):
        return f"{named}, which is neither a file nor an http(s) URL: name one of these"
    try:
        mode = Path(target).stat().st_mode
    except FileNotFoundError:
        return (
            f"{named}, which is not there: the end of the next run makes it, unless its folder is"
            " missing; if a run has ended since it was named, somebody took it away"
        )
    except OSError as problem:
        return f"{named}, which cannot be read: {problem.strerror}"
    return "" if stat.S_ISREG(mode) else f"{named}, which is no file that could be read back"


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines; of one that is longer than any head, and is none, the beginning alone."""
    while line := file.readline(_LONGEST_LINE):
        rest = line
        while len(rest) == _LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(_LONGEST_LINE)
        yield line


def _is_torn(line: bytes) -> bool:
    """Whether an object was begun and not ended, or another line follows in its midst."""
    if not line.startswith(b"{") or len(line) == _LONGEST_LINE:
        return False
    try:
        orjson.loads(line)
    except ValueError:
        return True
    return False


def _read(line: bytes) -> tuple[int, bytes] | None:
    try:
        found = orjson.loads(line)
        position, link = found["position"], bytes.fromhex(found["link"])
    except (ValueError, TypeError, KeyError):
        return None
    is_head = type(position) is int and 0 < position < 2**63 and len(link) == 32
    return (position, link) if is_head else None
