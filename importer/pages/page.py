"""What a page is asked and what it answers: values, so that a page is a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from attrs import field, frozen

from importer.pages.access import Role
from importer.pages.site import Site
from ledger.blank import is_blank
from ledger.errors import UsageRefused
from ledger.store.ledger import Ledger


@frozen
class Upload:
    """A file that was sent with a form."""

    name: str
    content: bytes = field(repr=False)


@frozen
class Asked:
    """A request: the parts of the address, the fields of a form, and who asks.

    ``ledger`` appends in the name of who asks.
    """

    site: Site
    ledger: Ledger
    role: Role
    path: Mapping[str, str] = field(factory=dict)
    query: Mapping[str, Sequence[str]] = field(factory=dict)
    form: Mapping[str, Sequence[str]] = field(factory=dict)
    uploads: Mapping[str, Upload] = field(factory=dict)

    def given(self, name: str) -> str:
        """A parameter behind the question mark; empty where it is not there."""
        return "".join(self.query.get(name, ())[:1]).strip()

    def several(self, name: str) -> tuple[str, ...]:
        """A parameter behind the question mark that may stand there any number of times."""
        return tuple(self.query.get(name, ()))

    def number(self, name: str) -> int | None:
        """A parameter that is a position or a page; None where it is not there."""
        text = self.given(name)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) < 19):
            raise UsageRefused(f"{name} is {text!r}; expected a number")
        return int(text)

    def typed(self, name: str) -> str:
        """A field of the form. Raises ``UsageRefused`` where nothing was typed."""
        [text] = self.form.get(name, [""])[:1] or [""]
        if is_blank(text):
            raise UsageRefused(f"{name} is blank; say something that can be read")
        return text.strip()

    def day(self, name: str) -> date | None:
        """A field of the form that is a day; None where it was left empty."""
        text = "".join(self.form.get(name, ())[:1]).strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise UsageRefused(f"{name} is {text!r}; expected a day such as 2027-01-31") from None

    def ticked(self, name: str) -> tuple[str, ...]:
        """The values of a field of which any number may be ticked."""
        return tuple(self.form.get(name, ()))


@frozen
class Page:
    """An answer to read. ``content`` is what the template shows, and the page's JSON as it is."""

    template: str
    title: str
    content: Mapping[str, object]
    status: int = 200


@frozen
class Download:
    """An answer to keep: a workbook."""

    name: str
    content: bytes = field(repr=False)


@frozen
class Picture:
    """An answer to look at: an SVG that a template draws."""

    template: str
    content: Mapping[str, object]


@frozen
class GoTo:
    """The address of the page that shows what an action did."""

    address: str


Show: TypeAlias = Callable[[Asked], Page | Download | Picture]
Act: TypeAlias = Callable[[Asked], GoTo]


@frozen
class View:
    """A page at an address; ``part`` is the template of what changes while its content says that
    something is ``running``."""

    path: str
    show: Show
    part: str = ""


@frozen
class Action:
    """A form's address, and the least role that may send it."""

    path: str
    act: Act
    role: Role
