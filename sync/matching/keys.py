"""The input of matching: records of either side, and the rules of equality."""

# No deferred annotations here: cattrs does not resolve them in a named tuple.
from enum import StrEnum
from typing import NamedTuple

from attrs import frozen

from sync.matching.normalise import is_blank

Id = int | str
Key = tuple[str, ...]
Compared = tuple[Id, ...]


class Side(StrEnum):
    """One of the two linked systems."""

    ADMINISTRATE = "administrate"
    TUTORIAL = "tutorial"

    @property
    def other(self) -> "Side":
        """The side across."""
        return Side.TUTORIAL if self is Side.ADMINISTRATE else Side.ADMINISTRATE


class Link(NamedTuple):
    """A linked pair of ids. A plain tuple: pairs are hashed and sorted by the thousand."""

    administrate: Id
    tutorial: Id

    def on(self, side: Side) -> Id:
        """The id of the pair on that side."""
        return self.administrate if side is Side.ADMINISTRATE else self.tutorial


@frozen
class Record:
    """A live record as input of matching.

    ``key`` holds the raw values of the rule's fields. ``scope`` matters to a scoped rule alone:
    what the record lies in, on both sides (a venue in a tutorial location, a session in a tutorial
    event), and None where it has none or where that is not linked.
    """

    id: Id
    key: Key
    scope: Id | None = None


@frozen
class Rule:
    """When a record of one side equals one of the other.

    ``version`` goes up whenever the rule would decide any two records otherwise. ``scoped``: only
    within one scope. ``person``: the fields are the parts of one name, first names first. ``code``:
    likeness means nothing, since codes that differ by a character name different things.
    """

    name: str
    version: int
    fields: tuple[str, ...]
    scoped: bool = False
    person: bool = False
    code: bool = False

    def compared(self, record: Record) -> Compared | None:
        """The normalised key that equal records share.

        None for a record that can equal nothing: a field is blank or the scope is missing.
        """
        if any(map(is_blank, record.key)):
            return None
        folded = tuple(map(str.casefold, record.key))
        if not self.scoped:
            return folded
        return None if record.scope is None else (*folded, record.scope)


# Version 2: a link taken over from an older tool gives way to an equal pair.
COURSE_TEMPLATE = Rule("course template code", 2, ("code",), code=True)
LOCATION = Rule("location name", 2, ("name",))
VENUE = Rule("venue name in location", 2, ("name",), scoped=True)
INSTRUCTOR = Rule("instructor name", 2, ("first name", "last name"), person=True)
# The first of a code and a title that a tutorial event has for its code; within a course template
# and a start date.
EVENT = Rule("event code", 1, ("code",), scoped=True)
SESSION = Rule("session day of event", 1, ("day",), scoped=True, code=True)


def order(value: Id) -> tuple[bool, int, str]:
    """The key that sorts ids: numbers by size, then text."""
    return (False, value, "") if isinstance(value, int) else (True, 0, value)
