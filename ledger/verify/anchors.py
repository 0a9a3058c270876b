"""Anchors: heads of the chain that were noted outside the database, compared with the ledger.

A line of JSON that has a ``position`` and its ``link`` is one: as the ends of runs are noted, and
as a log has them. Other lines say nothing of the ledger, and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import psycopg
from attrs import define, frozen

from ledger.errors import UsageRefused
from ledger.runs.anchoring import is_address
from ledger.settings.environment import ANCHORS
from ledger.verify.chain import Deviation

ANCHOR = "anchor"
# What a ledger that was compared with no anchor leaves open.
UNPROVEN = (
    "nothing noted outside the database was compared: that its end was not cut off, nor the whole"
    " made anew, is unproven; set ADMSYNC_ANCHORS"
)
_LONGEST_LINE = 2**20
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
    """The anchors of a file; ``checked`` counts those compared with the ledger."""

    path: Path
    checked: int = 0

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Anchors | None:
        """Those of the file that ``ADMSYNC_ANCHORS`` names, where there is one yet."""
        target = environ.get(ANCHORS.name)
        if not target or is_address(target) or not Path(target).exists():
            return None
        return cls(Path(target))

    def findings(self, reader: psycopg.Connection[Any]) -> Iterator[Deviation]:
        """The anchors that are not on the chain; that there is none is one, too."""
        noted = self._noted()
        while batch := list(islice(noted, _AT_ONCE)):
            self.checked += len(batch)
            positions = [one.position for one in batch]
            stands = reader.execute(_STANDS, (positions,), binary=True).fetchall()
            for one, (last, link) in zip(batch, stands, strict=True):
                if (last, link) != (one.position, one.link):
                    yield Deviation(ANCHOR, None, self._problem(one, last))
        if not self.checked:
            yield Deviation(ANCHOR, None, f"{self.path} has no line with a head of the chain")

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
                number = 0
                while line := file.readline(_LONGEST_LINE):
                    number += 1
                    if (found := _read(line)) is not None:
                        yield Anchor(number, *found)
        except OSError as problem:
            why = problem.strerror or problem
            raise UsageRefused(f"{self.path} cannot be read: {why}") from problem


def _read(line: bytes) -> tuple[int, bytes] | None:
    try:
        found = orjson.loads(line)
        position, link = found["position"], bytes.fromhex(found["link"])
    except (ValueError, TypeError, KeyError):
        return None
    is_head = type(position) is int and 0 < position < 2**63 and len(link) == 32
    return (position, link) if is_head else None
