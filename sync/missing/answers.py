"""What only the tutorial tables have, decided record by record: from an answer to what follows.

Pure. ``sync/missing/decide.py`` asks, and carries out what follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from attrs import evolve, field, frozen

from sync.discrepancies.discrepancy import Discrepancy, Offered
from sync.entity import Entity


class Answer(Enum):
    """What a person says of a missing record."""

    LINK = "link"
    CREATE = "create"
    SKIP = "skip"
    LATER = "later"
    NEVER = "never"
    SAME = "same"
    QUIT = "quit"


@frozen
class MissingRecord:
    """A tutorial record without an equal in Administrate; ``creatable``: the API can create it."""

    entity: Entity
    discrepancy: Discrepancy
    creatable: bool

    @property
    def record(self) -> str:
        return self.discrepancy.record

    @property
    def label(self) -> str:
        return self.discrepancy.label

    @property
    def offered(self) -> tuple[Offered, ...]:
        """The records of Administrate's that it may be, the nearest first."""
        return self.discrepancy.offered

    @property
    def to_ask(self) -> bool:
        """Whether there is anything to decide: another is entered by hand."""
        return self.creatable or bool(self.offered)


def missing_records(
    found: Mapping[Entity, Iterable[Discrepancy]], creatable: Iterable[str]
) -> list[MissingRecord]:
    """The missing records among open discrepancies.

    Ambiguous records are left out, and so are records with a rejected match: creating them would
    duplicate.
    """
    can = set(creatable)
    return [
        MissingRecord(entity, one, entity.name in can)
        for entity, discrepancies in found.items()
        for one in discrepancies
        if one.side == "tutorial" and one.outcome == "unmatched" and not one.candidates
    ]


@frozen
class Dialogue:
    """Where a person is among the missing records: the first of ``waiting`` is asked about.

    ``of`` is how many there were; ``skipped`` were passed over once and come again at the end;
    ``last`` is the newest answer about a record, and ``repeated`` what was said of all the rest of
    an entity, by its name; of those ``reconsidered`` at a second look it does not hold.
    """

    waiting: tuple[MissingRecord, ...]
    of: int
    skipped: frozenset[str] = frozenset()
    last: Answer | None = None
    repeated: Mapping[str, Answer] = field(factory=dict)
    reconsidered: frozenset[str] = frozenset()

    @classmethod
    def over(cls, records: Iterable[MissingRecord]) -> Dialogue:
        """At its beginning."""
        waiting = tuple(one for one in records if one.to_ask)
        return cls(waiting, len(waiting))

    @property
    def current(self) -> MissingRecord | None:
        """The record to ask about; None at the end."""
        return self.waiting[0] if self.waiting else None

    @property
    def number(self) -> int:
        """Which one it is, from 1 on."""
        return self.of - len(self.waiting) + 1

    def possible(self) -> list[Answer]:
        """The answers that there are about the current record."""
        return [one for one in Answer if self._is_possible(one)]

    def _is_possible(self, answer: Answer) -> bool:
        current = self.waiting[0]
        match answer:
            case Answer.LINK:
                return bool(current.offered)
            case Answer.CREATE:
                return current.creatable
            case Answer.SAME:
                return (
                    self.last is not None
                    and self._is_possible(self.last)
                    and any(one.entity is current.entity for one in self.waiting[1:])
                )
            case _:
                return True

    def given(self) -> Answer | None:
        """The answer that was given for all the rest of the entity, where it fits this record: one
        of several candidates is chosen by a person."""
        current = self.waiting[0]
        answer = self.repeated.get(current.entity.name)
        if answer is None or current.record in self.reconsidered or not self._is_possible(answer):
            return None
        return None if answer is Answer.LINK and len(current.offered) > 1 else answer

    def same(self) -> tuple[Dialogue, Answer]:
        """The last answer, for the current record and the rest of its entity."""
        assert self.last is not None  # noqa: S101 - of the possible ones
        name = self.waiting[0].entity.name
        return evolve(self, repeated={**self.repeated, name: self.last}), self.last

    def reconsidering(self) -> Dialogue:
        """With the current record asked about again."""
        return evolve(self, reconsidered=self.reconsidered | {self.waiting[0].record})

    def after(self, answer: Answer) -> Dialogue:
        """Where it goes on once an answer about the current record has been followed."""
        current, *rest = self.waiting
        if answer is Answer.QUIT:
            return evolve(self, waiting=())
        if answer is Answer.SKIP and current.record not in self.skipped:
            skipped = self.skipped | {current.record}
            return evolve(self, waiting=(*rest, current), skipped=skipped, last=answer)
        return evolve(self, waiting=tuple(rest), last=answer)

    def only(self, still: Mapping[str, MissingRecord]) -> Dialogue:
        """With the waiting records as they are by now; without those no longer missing."""
        waiting = tuple(still[one.record] for one in self.waiting if one.record in still)
        return evolve(self, waiting=waiting, of=self.of - len(self.waiting) + len(waiting))


def second_look(missing: MissingRecord) -> str | None:
    """What to look at once more before a record is created; None where nothing is like it.

    ``There is 'Cathrine Jones', one letter differs.``
    """
    if not missing.offered:
        return None
    first, *others = missing.offered
    more = f", and {len(others)} more like it" if others else ""
    return f"There is {first.name!r} ({first.cause}){more}."


def by_hand(records: Iterable[MissingRecord]) -> Iterator[tuple[Entity, list[MissingRecord]]]:
    """The records about which nothing can be decided here, by entity."""
    found: dict[Entity, list[MissingRecord]] = {}
    for one in records:
        if not one.to_ask:
            found.setdefault(one.entity, []).append(one)
    yield from found.items()
