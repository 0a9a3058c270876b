"""The dialogue about what Administrate lacks, at a terminal: record by record, then the plan of
what is created."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ledger.output.lines import report, report_lines
from ledger.output.plans import plan_lines
from ledger.output.streams import STDOUT
from ledger.output.terminal import chosen, key_typed, said_yes, typed_words
from ledger.output.visible import shortened
from ledger.output.words import counted
from sync.missing.answers import Answer, Dialogue, MissingRecord, by_hand
from sync.missing.decide import Creation, MissingDecided, decide_missing
from sync.missing.shown import creation_plan
from sync.reports.discrepancy_lines import LISTED, evidence_for

if TYPE_CHECKING:
    from ledger.store.ledger import Ledger
    from sync.administrate.client import Administrate
    from sync.entity import Entity
    from sync.run import Reporter

AGAIN = "admsync discrepancies decide"
# By the key that says it: how each answer is listed, and what it means.
_ANSWERS = {
    "l": (Answer.LINK, "[l]ink", "it is the same record: linked from now on"),
    "c": (Answer.CREATE, "[c]reate", "to be created in Administrate, after a plan at the end"),
    "s": (Answer.SKIP, "[s]kip", "come back to it after the others"),
    "t": (Answer.LATER, "la[t]er", "leave it open; asked again next time"),
    "n": (Answer.NEVER, "[n]ever", "Administrate needs none; not asked again"),
    "a": (Answer.SAME, "s[a]me", "the last answer for this one and the rest of its kind"),
    "q": (Answer.QUIT, "[q]uit", "leave this and all others for later"),
}


class PersonAtTerminal:
    """Whoever sits at the terminal. Nobody there any longer is a ``KeyboardInterrupt``."""

    def shown(self, records: Sequence[MissingRecord]) -> None:
        report()
        report(f"Only in the tutorial tables: {counted(len(records), 'record')}")
        for entity in dict.fromkeys(one.entity for one in records):
            mine = [one for one in records if one.entity is entity and one.to_ask]
            if mine:
                report(f"  {len(mine)} {entity.noun(len(mine))}: {_names(mine)}")
        for entity, left in by_hand(records):
            report(
                f"{entity.title} cannot be created through the API; enter by hand in Administrate:"
            )
            report_lines(f"    {one.label}" for one in left[:LISTED])
            if len(left) > LISTED:
                report(f"    … and {len(left) - LISTED} more: admsync discrepancies")

    def answer(self, dialogue: Dialogue) -> Answer:
        _report_record(dialogue)
        possible = {key: one for key, one in _ANSWERS.items() if one[0] in dialogue.possible()}
        listed = ", ".join(label for _, label, _ in possible.values())
        while True:
            words = {answer.value: key for key, (answer, _, _) in possible.items()}
            typed = key_typed(f"{listed} (? explains) [later]:", {**words, "": "t", "?": "?"})
            if typed != "?":
                return possible[typed][0]
            report_lines(f"  {label}: {meaning}" for _, label, meaning in possible.values())

    def told(self, line: str) -> None:
        report(f"  {line}")

    def sure(self, question: str) -> bool:
        return said_yes(f"  {question}", on=STDOUT)

    def choice(self, question: str, offered: Sequence[str], default: int | None) -> int:
        return chosen(question, offered, default)

    def words(self, question: str, default: str) -> str:
        return typed_words(question, default)


def decide_at_terminal(
    ledger: Ledger,
    client: Callable[[], Administrate],
    entities: Sequence[Entity],
    reporter: Reporter,
) -> int | None:
    """Has a person decide about each missing record, and creates what they agree to; returns how
    many Administrate refused, None where nothing is missing. What is not answered is left for
    later."""
    from ledger.settings.environment import environment

    decided = decide_missing(ledger, client, entities, PersonAtTerminal(), environment())
    if decided is None:
        return None
    creations = decided.creations
    if creations and not _agreed(creations, decided):
        creations = []
    if decided.interrupted:
        report()
    if decided.left:
        report(f"{counted(decided.left, 'record')} left for later: {AGAIN}")
    return create(ledger, client, creations, reporter) if creations else 0


def _agreed(creations: Sequence[Creation], decided: MissingDecided) -> bool:
    """Whether the person agrees to the plan; otherwise its records are left for later."""
    report_lines(plan_lines(creation_plan(creations)))
    try:
        agreed = said_yes("Create them?" if len(creations) > 1 else "Create it?", on=STDOUT)
    except KeyboardInterrupt:
        agreed, decided.interrupted = False, True
    decided.left += 0 if agreed else len(creations)
    return agreed


def create(
    ledger: Ledger,
    client: Callable[[], Administrate],
    creations: Iterable[Creation],
    reporter: Reporter,
) -> int:
    """Creates what was agreed to and syncs its entities; returns how many were refused."""
    from sync.missing.create import create_and_sync, new_creation

    agreed = [one.to_create for one in creations]
    with new_creation(ledger, client(), agreed, reporter) as under_way:
        create_and_sync(under_way)
    return under_way.run.refused


def _names(records: Sequence[MissingRecord]) -> str:
    told = ", ".join(repr(shortened(one.label)) for one in records[:LISTED])
    more = len(records) - LISTED
    return f"{told} and {more} more" if more > 0 else told


def _report_record(dialogue: Dialogue) -> None:
    current = dialogue.waiting[0]
    kind = current.entity.one[0].upper() + current.entity.one[1:]
    report()
    report(f"{kind} {current.label!r} ({dialogue.number} of {dialogue.of})")
    for one in current.offered:
        evidence = "; ".join(evidence_for(one))
        report(f"  There is {one.name!r} ({one.record.partition('/')[2]}), {evidence}")
    if not current.creatable:
        report(f"  {current.entity.title} cannot be created through the API")
