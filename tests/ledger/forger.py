"""A forger: who owns the database, switches the ledger's guards off and changes what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
from attrs import frozen

from ledger.database.connection import driver
from ledger.events import PageFetched, StoredAnswer
from ledger.store.blobs import blob_digest
from ledger.store.entries import Entry, StoredEvent
from ledger.store.ledger import Ledger
from ledger.store.read import read
from ledger.values import Personal
from ledger.verify.chain import GENESIS
from ledger.verify.verify import Verified, verify_chain
from tests.ledger.builders import decision, observed, unmatched

TABLES = ("events", "appends", "blobs", "personal")
PAGES = (b'{"data": [1, 2, 3]}', b'{"data": []}' * 50)
# The appends of ``fill``: the first position of each, and how many events it has.
APPENDS = {1: 3, 4: 1, 5: 2, 7: 4}
EVENTS = 10


def fill(ledger: Ledger) -> None:
    """Appends four batches, with stored answers and personal values in the last."""
    ledger.append([unmatched(1, candidates=("a", "b")), unmatched(2, reason="é\x00"), unmatched(1)])
    ledger.append([unmatched(3)])
    ledger.append([decision("x", "y"), decision("x")])
    people = [
        observed(name, key, {"first_name": Personal(name)}, table="adm.instructors")
        for key, name in enumerate(("Ada", "Grace \x00 Hopper"))
    ]
    fetched = [Entry(_fetched(page), cause=1) for page in PAGES]
    ledger.append([*fetched, *people], run_id=UUID(int=7), blobs=PAGES)


def _fetched(page: bytes) -> PageFetched:
    answer = StoredAnswer(
        operation="Venues",
        variables={},
        digest=blob_digest(page).hex(),
        status=200,
        milliseconds=1,
    )
    return PageFetched(entity="venues", part="", offset=0, total=0, ids=(), answers=(answer,))


@frozen
class Forger:
    """Changes a ledger, one forgery at a time."""

    ledger: Ledger
    connection: psycopg.Connection[Any]

    def does(self, statement: str, *values: object) -> bool:
        """Carries a statement out; whether it changed a row. What the types rule out does not."""
        try:
            return self.connection.execute(statement.encode(), values).rowcount > 0
        except (psycopg.DataError, psycopg.IntegrityError):
            return False

    def value(self, statement: str, *values: object) -> Any:
        """The one value that a query finds."""
        row = self.connection.execute(statement.encode(), values).fetchone()
        return None if row is None else row[0]

    def events(self) -> list[StoredEvent]:
        """The events as they stand now."""
        with self.ledger.database.transaction() as connection:
            return list(read(driver(connection)))

    def is_caught(self, anchor: str | None = None) -> Verified:
        """What verify says of the forgery, which is then undone."""
        try:
            return verify_chain(self.ledger.database, anchor=anchor)
        finally:
            for table in TABLES:
                self.does(f"DELETE FROM ledger.{table}")
                self.does(f"INSERT INTO ledger.{table} TABLE kept_{table}")

    def mends_hash(self, position: int) -> None:
        """Gives an event the hash that its columns have now."""
        statement = "UPDATE ledger.events SET hash = %s WHERE position = %s"
        for event in self.events():
            if event.position == position:
                self.does(statement, event.computed_hash(), position)

    def mends_chain(self) -> None:
        """Gives every append the root and the link that its events' hashes make now."""
        hashes = {event.position: event.hash for event in self.events()}
        link = GENESIS
        for first, count in APPENDS.items():
            members = [hashes[position] for position in range(first, first + count)]
            root = sha256(b"".join(members)).digest()
            link = sha256(link + root).digest()
            statement = "UPDATE ledger.appends SET root = %s, link = %s WHERE first_position = %s"
            self.does(statement, root, link, first)


@contextmanager
def forging(ledger: Ledger) -> Iterator[Forger]:
    """A forger of the ledger, who can put back what was there."""
    with ledger.database.session() as connection:
        for table in TABLES:
            connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only".encode())
            kept = f"CREATE TEMPORARY TABLE kept_{table} AS TABLE ledger.{table}"
            connection.execute(kept.encode())
        yield Forger(ledger, connection)
