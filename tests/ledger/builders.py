"""Builders: entries and batches that tests of the ledger append."""

from __future__ import annotations

from ledger.events import DecisionTaken, RecordObserved, TutorialRecordUnmatched
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.values import Fields


def unmatched(
    key: object = 1, *, candidates: tuple[str, ...] = (), reason: str = "none-equal"
) -> Entry:
    """An event of one tutorial venue that changes no bridge row."""
    return Entry(
        TutorialRecordUnmatched(
            tutorial=f"acted.tutorial_venues/{key}",
            table="adm.venues",
            outcome="unmatched",
            reason=reason,
            rule="name",
            rule_version=1,
            candidates=candidates,
        )
    )


def decision(subject: str, object_: str | None = None) -> Entry:
    """A person's decision about a pair, which changes no projected row."""
    return Entry(
        DecisionTaken(
            decision="accept",
            table="adm.venues",
            subject=subject,
            object=object_,
            reason="they are one",
        )
    )


def observed(
    key: str, row_id: int, fields: Fields | None = None, *, table: str = "adm.venues"
) -> Entry:
    """A first sight of a record, which makes its bridge row."""
    return Entry(RecordObserved(table=table, key=key, row_id=row_id, fields=_known(key, fields)))


def _known(key: str, fields: Fields | None) -> Fields:
    return {"external_id": key, **(fields or {})}


def counted(ledger: Ledger, table: str) -> int:
    """How many rows a table has."""
    with ledger.database.transaction() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())
