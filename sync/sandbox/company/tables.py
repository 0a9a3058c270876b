"""The fictional company, whole: the sandbox's records and the tutorial rows that go with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sync.sandbox.company import tutorial as tutorial_side
from sync.sandbox.company.entries import Declared
from sync.sandbox.company.generate import Size, sized

Row = Mapping[str, object]


def tutorial_tables(size: Size | None = None) -> Iterator[tuple[str, Iterator[Row]]]:
    """Each table of the tutorial side with its rows, in foreign-key order, made as they are read.

    Tables are ``schema.table``; rows carry their ids; values are those of a database driver.
    """
    yield from tutorial_side.tables(sized(size) if size else Declared.shipped())


def tutorial_rows(size: Size | None = None) -> Mapping[str, Sequence[Row]]:
    """``tutorial_tables`` read into memory, for a company of a usual size."""
    return {name: list(rows) for name, rows in tutorial_tables(size)}
