"""Where the value of a filter's field is found in a record, as SQL, and how it is compared."""

from __future__ import annotations

from enum import Enum

from attrs import frozen


class Holds(Enum):
    """How a filter's text is read and compared for a column."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    INSTANT = "instant"
    LOCAL = "local"
    LIST = "list"


@frozen
class Column:
    """Where a filter finds the value of a field: an SQL expression over ``record``."""

    sql: str
    holds: Holds = Holds.TEXT


#: Keys that are columns of their own, so that order and comparison are read off an index.
INDEXED = ("name", "code", "title", "lastName", "createdAt", "updatedAt")


def key(name: str) -> str:
    return f"record.{name}" if name in INDEXED else f"json_extract(record.body, '$.{name}')"


def related(reference: str, name: str) -> str:
    return (
        f"(SELECT json_extract(other.body, '$.{name}') FROM record AS other"
        f" WHERE other.id = {key(reference)})"
    )


IDENTITY = Column("record.id")


def _columns(holds: Holds, names: str) -> dict[str, Column]:
    return {name: Column(key(name), holds) for name in names.split()}


def text(names: str) -> dict[str, Column]:
    return _columns(Holds.TEXT, names) | ({"id": IDENTITY} if "id" in names.split() else {})


def number(names: str) -> dict[str, Column]:
    return _columns(Holds.NUMBER, names)


def flag(names: str) -> dict[str, Column]:
    return _columns(Holds.FLAG, names)


def instant(names: str) -> dict[str, Column]:
    return _columns(Holds.INSTANT, names)


def local(names: str) -> dict[str, Column]:
    return _columns(Holds.LOCAL, names)
