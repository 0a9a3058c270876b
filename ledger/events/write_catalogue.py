"""The event catalogue for readers: ``CATALOGUE.md``, from the classes.

Written with ``python -m ledger.events.write_catalogue``.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from attrs import NOTHING, fields

from ledger.events import CATALOGUE, FAMILIES
from ledger.events.base import BLOB, OWN, PERSONAL, Event

PLACE = Path(__file__).with_name("CATALOGUE.md")

_HEAD = """\
# Event catalogue

Written from the classes with `python -m ledger.events.write_catalogue`; a test holds the two equal.
A class's name is the event's type in the ledger, for good. *Default*: an event that was written
before the field existed is read with it. *Blob*: holds the digest of a stored answer or workbook.
*May name a person*: a value in it can be `Personal`, which is kept outside the event, in
`ledger.personal`, and can be erased.
"""


def catalogue() -> str:
    """The catalogue as Markdown: a section a family, a table of fields an event."""
    return "\n".join([_HEAD, *(line for one in FAMILIES for line in _family(one.__name__))])


def _family(module: str) -> Iterator[str]:
    yield f"## {module.rpartition('.')[2]}\n"
    for name, kind in sorted(CATALOGUE.classes.items()):
        if kind.__module__ == module:
            yield f"### {name}, version {kind.schema_version}\n"
            yield f"{_first_paragraph(kind)}\n"
            yield from _fields(kind)
            yield ""


def _fields(kind: type[Event]) -> Iterator[str]:
    if not fields(kind):
        yield "No fields."
        return
    yield "| field | type | notes |\n| --- | --- | --- |"
    # As they are written in the class: once an event was read, its fields have the types meant.
    written_as = {
        name: str(written)
        for base in reversed(kind.__mro__)
        for name, written in inspect.get_annotations(base).items()
    }
    for one in fields(kind):
        written = written_as[one.name]
        notes = [
            note
            for note, holds in (
                ("default", one.default is not NOTHING),
                ("blob", one.metadata == BLOB),
                ("may name a person", one.metadata in (PERSONAL, OWN)),
            )
            if holds
        ]
        shown = written.replace("|", "\\|")
        yield f"| `{one.name}` | `{shown}` | {', '.join(notes)} |"


def _first_paragraph(kind: type[Event]) -> str:
    first = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0]
    return " ".join(first.split())


if __name__ == "__main__":
    PLACE.write_text(catalogue())
