"""Verifies that every byte of the ledger is as it was written, with nothing missing or added.

The chain and the references of its events are read once, in order, in bounded memory.
"""

from __future__ import annotations

from typing import Any

import psycopg
from attrs import frozen

from ledger.database.connection import Database, driver
from ledger.store.read import rows_by_key
from ledger.verify.anchors import ANCHOR, Anchors
from ledger.verify.chain import GENESIS, MOST, Chain, Deviation, misshapen, readable
from ledger.verify.references import References, blob_findings, personal_findings


@frozen
class Verified:
    """What was checked, the deviations, and the chain's head: its last position and its link.

    ``unreadable`` are the events that stand on the chain, yet are of no type and shape this
    version of the program knows.
    """

    events: int
    appends: int
    blobs: int
    position: int
    link: str
    findings: tuple[Deviation, ...]
    unreadable: tuple[Deviation, ...] = ()

    @property
    def ok(self) -> bool:
        return not (self.findings or self.unreadable)

    @property
    def whole(self) -> bool:
        """Whether the chain is intact, whether or not the anchor is on it."""
        return all(finding.where == ANCHOR for finding in self.findings)


def verify_chain(
    database: Database, *, anchor: str | None = None, anchors: Anchors | None = None
) -> Verified:
    """Reads the whole ledger once. ``anchor`` is a link noted elsewhere that must be on the chain,
    ``anchors`` are many of them.

    At most a hundred deviations of each kind are collected: the first ones explain the rest.
    """
    with database.snapshot() as connection:
        reader = driver(connection)
        references = References(reader)
        chain = Chain(references.passing(readable(reader)))
        chain.found(misshapen(reader))
        link = GENESIS
        for append in rows_by_key(reader, "first_position", "ledger.appends", "count, root, link"):
            link = chain.check(append, link)
        chain.finish()
        blobs = chain.found(blob_findings(reader))
        chain.found(personal_findings(reader))
        chain.found(references.missing())
        if anchor is not None and not _on_chain(reader, anchor):
            chain.findings.append(
                Deviation(ANCHOR, None, f"no append has the link {anchor}: this is another chain")
            )
        if anchors is not None:
            chain.found(anchors.findings(reader))
    position = chain.expected - 1
    return Verified(
        chain.events,
        chain.appends,
        blobs,
        position,
        link.hex(),
        tuple(chain.findings[:MOST]),
        tuple(references.unreadable),
    )


def _on_chain(reader: psycopg.Connection[Any], anchor: str) -> bool:
    try:
        link = bytes.fromhex(anchor)
    except ValueError:
        return False
    found = reader.execute("SELECT 1 FROM ledger.appends WHERE link = %b", (link,)).fetchone()
    return found is not None
