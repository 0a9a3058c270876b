"""What a sync of the night did, for who looks in the morning: one line where nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import define, field

from ledger.errors import AdmsyncError
from ledger.output.lines import report
from ledger.output.visible import shortened
from ledger.output.words import counted, several
from ledger.values import Fields
from sync.decide.changed_links import MadeLink, RemovedLink
from sync.decide.guarded import guarded_line
from sync.discrepancies.waiting import Waiting
from sync.entity import Entity
from sync.reports.discrepancy_lines import new_in_words
from sync.synced import KEPT, TAKEN_UP, Synced
from sync.writing.writer import Created

_NAMED = 3
# What is counted of each record that was looked at.
_RECORDS = ("created", "updated", "unchanged", "skipped")


@define
class QuietReport:
    """Collects the steps of a sync and prints nothing before its end, but a step that fails."""

    steps: list[Synced] = field(factory=list)

    def began(self, entity: Entity, number: int, of: int) -> None:
        pass

    def fetched(self, records: int, of: int) -> None:
        pass

    def done_before(self, entity: Entity, counts: Fields) -> None:
        pass

    def synced(self, synced: Synced) -> None:
        self.steps.append(synced)

    def failed(self, entity: Entity, problem: AdmsyncError) -> None:
        report(f"✗ {entity.title}: {problem}")

    def created(self, entity: Entity, created: Created) -> None:
        pass


def digest_lines(steps: Sequence[Synced], waiting: Waiting, run: str, calls: int) -> Iterator[str]:
    """One line where nothing changed; else what is new, gone, changed, decided and waiting, each
    with what to type."""
    records = sum(one.counts.get(name, 0) for one in steps for name in _RECORDS)
    looked = (
        f"{len(steps)} {several(len(steps), 'entity', 'entities')},"
        f" {records:,} {several(records, 'record')}, {counted(calls, 'call')}"
    )
    if not any(map(_changed, steps)):
        yield f"Nothing changed: {looked}."
        return
    yield f"Synced: {looked}."
    for heading, told in (
        ("New", _per_entity(steps, lambda one: one.counts["created"])),
        ("Gone", _per_entity(steps, lambda one: one.counts["deleted"] + one.counts.get(KEPT, 0))),
        ("Changed", _changes(steps)),
        ("Decided for you", _decided(steps)),
        ("Waiting for you", [*_left(steps), *waiting_lines(waiting)]),
    ):
        yield from _section(heading, list(told))
    yield f"Every change, with why: admsync show {run}"


def waiting_lines(waiting: Waiting) -> Iterator[str]:
    """What waits for a person, with the command for each."""
    for one in waiting.discrepancies:
        new = new_in_words(one.new, one.count)
        option = " --new" if 0 < one.new < one.count else ""
        yield (
            f"{_of(one.entity, one.count)} to decide about{new}:"
            f" admsync discrepancies --entity {one.entity.name}{option}"
        )
    for entity, count in waiting.gone:
        yield guarded_line(entity, count)
    if waiting.to_decide:
        yield f"{counted(waiting.to_decide, 'field')} out of step: admsync drift"
    if waiting.to_push:
        yield f"{counted(waiting.to_push, 'field')} to push: admsync sync events --push"


def _changed(step: Synced) -> bool:
    other = {name: count for name, count in step.counts.items() if name != "unchanged"}
    return any(other.values()) or any(one.new for one in step.discrepancies)


def _section(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if len(lines) == 1:
        yield f"{heading}: {lines[0]}"
    elif lines:
        yield f"{heading}:"
        yield from (f"  {line}" for line in lines)


def _per_entity(steps: Sequence[Synced], count: Callable[[Synced], int]) -> Iterator[str]:
    found = [_of(one.entity, number) for one in steps if (number := count(one))]
    if found:
        yield ", ".join(found)


def _changes(steps: Sequence[Synced]) -> Iterator[str]:
    yield from _per_entity(steps, lambda one: one.counts["updated"])
    for one in steps:
        if edits := len(one.compared.edited):
            edited = counted(edits, f"tutorial {one.entity.one}")
            yield f"{edited} edited by the web application"
        if taken := one.counts.get(TAKEN_UP):
            yield f"{_of(one.entity, taken)} changed by other writers of adm"


def _decided(steps: Sequence[Synced]) -> Iterator[str]:
    for one in steps:
        yield from _links(one.entity, one.made_links, "linked")
        yield from _links(one.entity, one.removed_links, "no longer linked")
        if applied := one.compared.applied:
            yield f"{counted(applied, 'tutorial row')} changed as Administrate's {one.entity.many}"


def _links(
    entity: Entity, links: Sequence[MadeLink] | Sequence[RemovedLink], what: str
) -> Iterator[str]:
    if links:
        names = [shortened(one.tutorial_label) for one in links[:_NAMED]]
        more = f" and {len(links) - _NAMED} more" if len(links) > _NAMED else ""
        yield f"{_of(entity, len(links))} {what}: {', '.join(names)}{more}"


def _left(steps: Sequence[Synced]) -> Iterator[str]:
    for one in steps:
        told = list(one.skipped_lines())
        yield from (f"refused: {one.entity.one} {why}" for why in told[:_NAMED])
        if len(told) > _NAMED:
            yield f"… and {len(told) - _NAMED} more reasons for {one.entity.many} refused"
        if one.compared.busy:
            yield f"{_of(one.entity, len(one.compared.busy))} being changed, left for the next sync"


def _of(entity: Entity, number: int) -> str:
    return f"{number:,} {entity.noun(number)}"
