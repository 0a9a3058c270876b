"""A column of the workbook: the kind of its cells, and the places of its value."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from attrs import frozen

from importer.workbook import cells
from importer.workbook.cells import Value


class CellKind(Enum):
    """The kind of a column's values; a name, or several, is looked up in the reference data."""

    TEXT = auto()
    NAME = auto()
    NAMES = auto()
    DATE = auto()
    TIME = auto()
    NUMBER = auto()
    URL = auto()
    YES_NO = auto()


class RowKind(Enum):
    """The kind of a row: an event of one of two kinds, or a further session."""

    BLENDED = auto()
    LMS = auto()
    SESSION = auto()


NOWHERE: frozenset[RowKind] = frozenset()
BLENDED = frozenset({RowKind.BLENDED})
LMS = frozenset({RowKind.LMS})
EVENTS = BLENDED | LMS
CLASSROOM = frozenset({RowKind.BLENDED, RowKind.SESSION})


@frozen
class Places:
    """The places that a column's value is copied to; an empty name is none.

    ``planned`` is an attribute of the planned event, ``tutorial`` and ``bridge`` are columns of
    our tables, ``administrate`` is an input of its API, ``custom_field`` the label of one.
    """

    planned: str = ""
    tutorial: str = ""
    bridge: str = ""
    administrate: str = ""
    custom_field: str = ""
    of_session: bool = False


NO_PLACE = Places()


@frozen
class Column:
    """One column: its header, what its cells hold, the rows in which it may not be blank, and the
    places of its value.

    ``in_header`` says that a workbook without the column is refused; ``least`` and ``most`` bound
    a number, ``most`` the length of a text; ``hint`` is shown under the header in an empty
    template; ``personal`` marks free text in which people may be named.

    An event's column that is not ``planned`` but goes somewhere is a detail: a text for a tutorial
    column that not every database has, or a custom field that not every Administrate has.
    """

    key: str
    header: str
    kind: CellKind = CellKind.TEXT
    needed: frozenset[RowKind] = NOWHERE
    to: Places = NO_PLACE
    aliases: tuple[str, ...] = ()
    in_header: bool = True
    least: int = 0
    most: int = 500
    hint: str = ""
    personal: bool = False

    def read(self, value: Value) -> Any:
        """A cell, not blank, by the column's kind; raises ``UnreadableError``."""
        match self.kind:
            case CellKind.TEXT:
                return cells.read_text(value, self.most)
            case CellKind.NAME | CellKind.NAMES:
                return cells.read_name(value, self.most)
            case CellKind.NUMBER:
                return cells.read_number(value, self.least, self.most)
        return _READERS[self.kind](value)


_READERS: dict[CellKind, Callable[[Value], Any]] = {
    CellKind.DATE: cells.read_date,
    CellKind.TIME: cells.read_time,
    CellKind.URL: cells.read_url,
    CellKind.YES_NO: cells.read_yes_no,
}
