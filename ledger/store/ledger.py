"""The ledger as the rest of the program uses it: append with its projections, read, follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from attrs import field, frozen
from sqlalchemy import Connection

from ledger.database.connection import Database, driver
from ledger.errors import DatabaseUnreachable
from ledger.events import CATALOGUE, Catalogue
from ledger.events.recorded import Recorded
from ledger.projections import PROJECTORS, TUTORIALS, Projector, in_shape, project
from ledger.store.append import Appended, append, are_in, lock
from ledger.store.blobs import put_blobs
from ledger.store.entries import Entry
from ledger.store.read import EVERYTHING, Selection, read_recorded
from ledger.tables.shapes.observed import tables_in


def _freely(_connection: psycopg.Connection[Any]) -> None:
    pass


@frozen
class Ledger:
    """A database's ledger, and the projectors of every append.

    ``guard`` is called in each append's transaction, under the append lock; an error it raises
    rolls the append back.
    """

    database: Database
    actor: str
    projectors: Sequence[Projector] = PROJECTORS
    catalogue: Catalogue = field(default=CATALOGUE, repr=False)
    guard: Callable[[psycopg.Connection[Any]], None] = field(default=_freely, repr=False)

    def append(
        self,
        entries: Sequence[Entry],
        *,
        run_id: UUID | None = None,
        expected: Mapping[str, int] | None = None,
        blobs: Iterable[bytes] = (),
        beside: Callable[[Connection], None] | None = None,
    ) -> Appended:
        """Appends the events, stores the blobs and applies the projections, all or nothing.

        ``beside`` does more work in the same transaction, before the ledger is locked. Where the
        connection is lost, and with it the answer to COMMIT, all is done once more: what was in
        already stays as it is.
        """
        contents = list(blobs)

        def attempt() -> Appended:
            with self.database.transaction() as connection:
                if beside is not None:
                    beside(connection)
                put_blobs(driver(connection), contents)
                appended = self.append_in(connection, entries, run_id=run_id, expected=expected)
                if appended.known:
                    # So was the work of ``beside``.
                    connection.rollback()
                return appended

        try:
            return attempt()
        except DatabaseUnreachable:
            return attempt()

    def append_decided(
        self,
        decide: Callable[[psycopg.Connection[Any]], Sequence[Entry]],
        *,
        run_id: UUID | None = None,
    ) -> None:
        """Appends what ``decide`` returns, called under the append lock: what it sees there holds
        until its events are in.

        Where the connection is lost, and with it the answer to COMMIT, all is done once more,
        unless the events are in.
        """
        decided: Sequence[Entry] = ()

        def attempt() -> None:
            nonlocal decided
            with self.database.transaction() as connection:
                lock(driver(connection))
                if not are_in(driver(connection), decided):
                    decided = decide(driver(connection))
                    self.append_in(connection, decided, run_id=run_id)

        try:
            attempt()
        except DatabaseUnreachable:
            attempt()

    def append_in(
        self,
        connection: Connection,
        entries: Sequence[Entry],
        *,
        run_id: UUID | None = None,
        expected: Mapping[str, int] | None = None,
    ) -> Appended:
        """Appends and projects in a transaction of the caller's, who commits it soon: other
        appends wait for it."""
        appended = append(
            driver(connection),
            entries,
            actor=self.actor,
            run_id=run_id,
            expected=expected,
            catalogue=self.catalogue,
        )
        self.guard(driver(connection))
        if not appended.known:
            project(driver(connection), appended.events, self._projectors(connection, entries))
        return appended

    def _projectors(self, connection: Connection, entries: Sequence[Entry]) -> Sequence[Projector]:
        """The projectors; that of tutorial rows for the columns these have at this moment."""
        if not any(type(entry.event) in TUTORIALS.handles for entry in entries):
            return self.projectors
        return in_shape(self.projectors, tables_in(driver(connection)))

    def read(
        self, selection: Selection = EVERYTHING, *, backwards: bool = False
    ) -> Iterator[Recorded]:
        """The selected events, a bounded number in memory at a time."""
        with self.database.transaction() as connection:
            yield from read_recorded(
                driver(connection), selection, backwards=backwards, catalogue=self.catalogue
            )
