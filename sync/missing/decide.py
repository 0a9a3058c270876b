"""Decides with a person, record by record, about what Administrate lacks.

Links and refusals to create are recorded at once. What is to be created is shown together at the
end, and created only then: it cannot be taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from attrs import define, field, frozen

from ledger.errors import AdmsyncError
from ledger.store.ledger import Ledger
from sync.administrate.client import Administrate
from sync.discrepancies.by_person import NewDecision, Pair, record_new
from sync.discrepancies.current import open_discrepancies
from sync.discrepancies.discrepancy import Offered
from sync.entity import Entity
from sync.missing.answers import Answer, Dialogue, MissingRecord, missing_records, second_look
from sync.missing.create import CREATIONS, ToCreate, places_for, set_in

NEVER_BECAUSE = "not needed in Administrate"


class Person(Protocol):
    """Whoever decides. Each question raises ``KeyboardInterrupt`` where nobody answers."""

    def shown(self, records: Sequence[MissingRecord]) -> None:
        """Sees first of all how many and which records are missing."""

    def answer(self, dialogue: Dialogue) -> Answer:
        """Says one of the possible answers about the current record."""
        ...

    def told(self, line: str) -> None:
        """Is told what has been done."""

    def sure(self, question: str) -> bool: ...

    def choice(self, question: str, offered: Sequence[str], default: int | None) -> int: ...

    def words(self, question: str, default: str) -> str: ...


@frozen
class Creation:
    """A record to create, and the name of what it is created in, if anything."""

    missing: MissingRecord
    needed: str
    place: str = ""

    @property
    def to_create(self) -> ToCreate:
        return ToCreate(self.missing.entity, self.missing.record, self.needed)


@define
class MissingDecided:
    """What a person decided: records to create, and how many others of each answer."""

    creations: list[Creation] = field(factory=list)
    counts: Counter[Answer] = field(factory=Counter)
    interrupted: bool = False
    left: int = 0


def decide_missing(
    ledger: Ledger,
    client: Callable[[], Administrate],
    entities: Sequence[Entity],
    person: Person,
    environ: Mapping[str, str],
) -> MissingDecided | None:
    """Asks about every missing record of the entities; None where there are none.

    An interrupt or the end of input means *later* for what is not decided by then; nothing is
    created then.
    """
    deciding = _Deciding(ledger, client, entities, person, environ)
    records = deciding.read()
    if not records:
        return None
    deciding.dialogue = Dialogue.over(list(records.values()))
    try:
        person.shown(list(records.values()))
        while deciding.dialogue.current is not None:
            deciding.ask()
    except KeyboardInterrupt:
        deciding.decided.interrupted = True
        deciding.decided.left = len(deciding.dialogue.waiting) + len(deciding.decided.creations)
        deciding.decided.creations = []
    return deciding.decided


@define
class _Deciding:
    ledger: Ledger
    client: Callable[[], Administrate]
    entities: Sequence[Entity]
    person: Person
    environ: Mapping[str, str]
    dialogue: Dialogue = field(factory=lambda: Dialogue.over(()))
    decided: MissingDecided = field(factory=MissingDecided)
    # By entity, the places there are and the one given last; the reason given last of an answer.
    offered: dict[str, list[tuple[str, str]]] = field(factory=dict)
    places: dict[str, tuple[str, str]] = field(factory=dict)
    reasons: dict[Answer, str] = field(factory=dict)

    def read(self) -> dict[str, MissingRecord]:
        """The missing records as they are now."""
        matched = [entity for entity in self.entities if entity.tutorial is not None]
        with self.ledger.database.driver_transaction() as connection:
            found = {entity: open_discrepancies(connection, entity) for entity in matched}
        return {one.record: one for one in missing_records(found, CREATIONS)}

    def ask(self) -> None:
        """Asks about the current record, and follows the answer."""
        current = self.dialogue.waiting[0]
        answer = self.dialogue.given()
        asking = answer is None
        if answer is None:
            answer = self.person.answer(self.dialogue)
        if answer is Answer.SAME:
            self.dialogue, answer = self.dialogue.same()
            asking = False
        match answer:
            case Answer.LINK:
                self.link(current, asking=asking)
            case Answer.NEVER:
                reason = self.reason(answer, NEVER_BECAUSE, asking=asking)
                self.record(NewDecision(_pair(current), "ignore", reason))
            case Answer.CREATE if not self.create(current, asking=asking):
                self.dialogue = self.dialogue.reconsidering()
                return
        before, self.dialogue = self.dialogue, self.dialogue.after(answer)
        self.count(answer, len(before.waiting) - len(self.dialogue.waiting))
        if answer is Answer.LINK:
            # Nothing else is to be linked with the same record.
            self.dialogue = self.dialogue.only(self.read())

    def count(self, answer: Answer, records: int) -> None:
        """Counts records that are no longer waited for."""
        if answer in (Answer.LATER, Answer.SKIP, Answer.QUIT):
            self.decided.left += records
        else:
            self.decided.counts[answer] += records

    def link(self, missing: MissingRecord, *, asking: bool) -> None:
        other = self.candidate(missing)
        reason = self.reason(Answer.LINK, other.cause, asking=asking)
        self.record(NewDecision(_pair(missing, other), "accept", reason))

    def candidate(self, missing: MissingRecord) -> Offered:
        if len(missing.offered) == 1:
            return missing.offered[0]
        names = [one.name for one in missing.offered]
        return missing.offered[self.person.choice("Which one?", names, None)]

    def reason(self, answer: Answer, default: str, *, asking: bool) -> str:
        default = self.reasons.get(answer, default)
        if not asking:
            return default
        given = self.person.words("Why?", default)
        if given != default:
            self.reasons[answer] = given
        return given

    def record(self, decision: NewDecision) -> None:
        changed = record_new(self.ledger, decision)
        about = " and ".join(decision.pair.records)
        self.person.told(f"✓ Recorded: {decision.decision} {about}")
        for line in changed:
            self.person.told(f"  {line}")

    def create(self, missing: MissingRecord, *, asking: bool) -> bool:
        """Notes a record to create, unless the person thinks better of it at a second look."""
        look = second_look(missing)
        if look is not None and not self.person.sure(f"{look} Create {missing.label!r} anyway?"):
            return False
        try:
            needed, place = self.place(missing.entity, asking=asking)
        except AdmsyncError as problem:
            self.person.told(f"✗ {problem}")
            return False
        self.decided.creations.append(Creation(missing, needed, place))
        return True

    def place(self, entity: Entity, *, asking: bool) -> tuple[str, str]:
        """The id and name of what a record of the entity is created in."""
        given = set_in(self.environ, entity)
        if given is not None:
            return given, given
        last = self.places.get(entity.name)
        if last is None or asking:
            if entity.name not in self.offered:
                self.offered[entity.name] = places_for(self.client(), entity)
            self.places[entity.name] = self.chosen_place(entity, last)
        return self.places[entity.name]

    def chosen_place(self, entity: Entity, last: tuple[str, str] | None) -> tuple[str, str]:
        offered = self.offered[entity.name]
        if len(offered) == 1:
            return offered[0]
        default = offered.index(last) if last in offered else None
        names = [name for _, name in offered]
        question = f"Which {CREATIONS[entity.name].place}?"
        return offered[self.person.choice(question, names, default)]


def _pair(missing: MissingRecord, other: Offered | None = None) -> Pair:
    return Pair(missing.entity, other.record if other else None, missing.record)
