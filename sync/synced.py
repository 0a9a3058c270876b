"""The result of one entity's step, for the run's counts and its report."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, field, frozen

from sync.decide.changed_links import MadeLink, RemovedLink
from sync.discrepancies.discrepancy import Discrepancy
from sync.entity import Entity
from sync.events.step import Compared

# Counted only where there are any: rows kept without their record, changes of other writers.
KEPT = "gone but kept"
TAKEN_UP = "taken up"
_NAMED = 3


@frozen
class Synced:
    """The result of a step: its counts, skipped records with reasons, open discrepancies, made and
    removed links, rows kept without their record, and recorded changes of other writers."""

    entity: Entity
    counts: dict[str, int]
    skipped: tuple[str, ...]
    discrepancies: tuple[Discrepancy, ...] = ()
    made_links: tuple[MadeLink, ...] = ()
    removed_links: tuple[RemovedLink, ...] = ()
    kept: tuple[str, ...] = ()
    taken_up: tuple[str, ...] = ()
    compared: Compared = field(factory=Compared)
    notes: tuple[str, ...] = ()

    def skipped_lines(self) -> Iterator[str]:
        """The skipped records with the reason: those of the same one together."""
        alike: dict[str, list[str]] = {}
        for one in self.skipped:
            key, _, why = one.partition(": ")
            alike.setdefault(why, []).append(key)
        for why, keys in alike.items():
            more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
            yield f"{', '.join(keys[:_NAMED])}{more}: {why}"

    def and_again(self, other: Synced) -> Synced:
        """The step together with a second pass over some of its records."""
        changed = {n: c for n, c in other.counts.items() if n not in ("unchanged", "skipped")}
        counts = {n: self.counts.get(n, 0) + changed.get(n, 0) for n in {**self.counts, **changed}}
        return evolve(
            self,
            counts=counts,
            skipped=tuple(dict.fromkeys((*self.skipped, *other.skipped))),
            made_links=(*self.made_links, *other.made_links),
            removed_links=(*self.removed_links, *other.removed_links),
            kept=tuple(dict.fromkeys((*self.kept, *other.kept))),
            taken_up=(*self.taken_up, *other.taken_up),
            compared=self.compared.and_again(other.compared),
        )
