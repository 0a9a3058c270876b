"""The base class of events: an immutable fact, its record, and further records it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import frozen

from ledger.canonical import escaped

HOLDS = "holds"
# Metadata of a field, by its content: the digest of a stored answer or workbook, or answers with
# theirs; the digests that an erasure deleted; the name of the record across a link.
BLOB: Mapping[str, str] = {HOLDS: "blob"}
ERASED: Mapping[str, str] = {HOLDS: "erased"}
LINK: Mapping[str, str] = {HOLDS: "link"}
# Values that may name people; and those of the event's own record, which name nobody else.
PERSONAL: Mapping[str, str] = {HOLDS: "personal"}
OWN: Mapping[str, str] = {HOLDS: "own"}
# Metadata of a field that most events have no use for: with its default, it is not stored.
SELDOM: Mapping[str, bool] = {"seldom": True}


@frozen
class Event:
    """An event. Its class name is its type in the ledger, permanently.

    A class never changes meaning. A field added later has a default; a new meaning is a new
    ``schema_version`` and an upcaster in the catalogue.
    """

    schema_version: ClassVar[int] = 1

    def record(self) -> str | None:
        """The record whose history the event belongs to; ``None``: the run's own history."""
        return None

    def others(self) -> tuple[str, ...]:
        """Further records it is about: the other side of a link, a candidate, a parent."""
        return ()


def record_name(table: str, key: str | int) -> str:
    """The ledger's name of a record: its table and its key.

    A bridge row's key is its Administrate id (``adm.venues/VmVudWU6Nw==``), or ``id=17`` where it
    has none yet; a tutorial record's key is its primary key (``acted.tutorial_venues/5``).
    """
    return f"{table}/{escaped(str(key))}"


def tutorial_key(record: str) -> int:
    """The primary key in the name of a tutorial record: 5 in ``acted.tutorial_venues/5``."""
    return int(record.rpartition("/")[2])
