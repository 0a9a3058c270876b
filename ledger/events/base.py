"""What an event is: an immutable fact, the record it belongs to, and the records it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import frozen

from ledger.canonical import escaped

NAMES_BLOB = "names blob"
# Metadata of a field that holds the digest of a stored answer or workbook, or answers that do.
BLOB: Mapping[str, bool] = {NAMES_BLOB: True}


@frozen
class Event:
    """A thing that happened. Its class name is its type in the ledger, for good.

    A class never changes meaning. A field added later has a default; a new meaning is a new
    ``schema_version`` and an upcaster in the catalogue.
    """

    schema_version: ClassVar[int] = 1

    def record(self) -> str | None:
        """The record whose history this event is a step of; ``None``: the run's own history."""
        return None

    def others(self) -> tuple[str, ...]:
        """The further records it is about: the other side of a link, a candidate, a parent."""
        return ()


def record_name(table: str, key: str | int) -> str:
    """The name by which the ledger knows a record: its table and the key people use for it.

    A bridge row's key is its Administrate id (``adm.venues/VmVudWU6Nw==``), or ``id=17`` where it
    has none yet; a tutorial record's key is its primary key (``acted.tutorial_venues/5``).
    """
    return f"{table}/{escaped(str(key))}"
