"""A set of records of both sides, with the true pairs labelled by kind of damage."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import Factory, define, field, frozen

from sync.matching.keys import Id, Key, Record, Rule, Side

ALONE = "no partner"


@frozen
class Labelled:
    """The records of both sides; ``true`` are the partners of an Administrate record, ``kinds``
    says what was done to it. ``places`` are the names of scopes, as suggestions take them."""

    name: str
    rule: Rule
    administrate: tuple[Record, ...]
    tutorial: tuple[Record, ...]
    true: Mapping[Id, frozenset[Id]]
    kinds: Mapping[Id, str] = field(factory=dict)
    places: Mapping[Side, Mapping[Id, str]] | None = None

    def kind(self, named: Id) -> str:
        """The kind of damage of an Administrate record."""
        return self.kinds.get(named, "") if named in self.true else ALONE


@define
class Labelling:
    """Collects the pairs of a set."""

    rule: Rule
    administrate: list[Record] = Factory(list)
    tutorial: list[Record] = Factory(list)
    true: dict[Id, frozenset[Id]] = Factory(dict)
    kinds: dict[Id, str] = Factory(dict)

    def pair(self, kind: str, mine: Record, theirs: Record) -> None:
        """Two records that mean one thing."""
        self.administrate.append(mine)
        self.tutorial.append(theirs)
        self.true[mine.id] = frozenset({theirs.id})
        self.kinds[mine.id] = kind

    def new(self, kind: str, mine: Key, theirs: Key, scopes: tuple[Id | None, Id | None]) -> None:
        """A pair with the next ids."""
        number = len(self.tutorial)
        self.pair(kind, Record(f"a{number:06}", mine, scopes[0]), Record(number, theirs, scopes[1]))

    def alone(self, side: Side, key: Key, scope: Id | None = None) -> None:
        """A record without partner."""
        if side is Side.ADMINISTRATE:
            self.administrate.append(Record(f"x{len(self.administrate):06}", key, scope))
        else:
            self.tutorial.append(Record(len(self.tutorial) + 1_000_000, key, scope))

    def labelled(
        self, name: str, places: Mapping[Side, Mapping[Id, str]] | None = None
    ) -> Labelled:
        """The set of that name."""
        return Labelled(
            name,
            self.rule,
            tuple(self.administrate),
            tuple(self.tutorial),
            self.true,
            self.kinds,
            places,
        )
