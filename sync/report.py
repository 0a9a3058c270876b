"""The report of a sync: steps, counts, discrepancies; on a terminal, in a pipe, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import asdict, define, field

from ledger.errors import AdmsyncError
from ledger.output.lines import report
from ledger.output.terminal import Bar
from ledger.output.words import counts_in_words
from ledger.values import Fields
from sync.decide.discrepancies import Discrepancy
from sync.decide.removed_links import RemovedLink
from sync.entity import Entity
from sync.pipeline import Synced
from sync.writer import Created

# How many discrepancies of a step are listed; `admsync discrepancies` has all of them.
LISTED = 20


@define
class PrintedReport:
    """Prints progress, for a person or a log; shows a bar where standard error is a terminal.

    Without ``discrepancies`` the counts alone are printed.
    """

    discrepancies: bool = True
    bar: Bar = field(factory=Bar)

    def began(self, entity: Entity, number: int, of: int) -> None:
        step = f"[{number}/{of}] " if of > 1 else ""
        report(f"{step}Syncing {entity.many}...")
        self.bar.start(entity.many)

    def fetched(self, records: int, of: int) -> None:
        self.bar.update(records, of)

    def done_before(self, entity: Entity, counts: Fields) -> None:
        self.bar.stop()
        report(f"  ✓ {entity.title}: done before the interruption ({counts_in_words(counts)})")

    def synced(self, synced: Synced) -> None:
        self.bar.stop()
        report(f"  ✓ {synced.entity.title}: {counts_in_words(synced.counts)}")
        if not self.discrepancies:
            return
        for line in discrepancy_lines(synced.entity, synced.discrepancies):
            report(f"  {line}")
        for line in removed_link_lines(synced.removed_links):
            report(f"  {line}")
        for heading, lines in (
            ("gone from Administrate, kept since others refer to them", synced.kept),
            ("taken up of other writers", synced.taken_up),
        ):
            if lines:
                report(f"  ⚠ {len(lines)} {heading}:")
            for line in lines[:LISTED]:
                report(f"      {line}")
        if synced.skipped:
            report(f"  ⚠ {len(synced.skipped)} skipped:")
            for why in synced.skipped[:LISTED]:
                report(f"      {why}")

    def failed(self, entity: Entity, problem: AdmsyncError) -> None:
        self.bar.stop()
        report(f"  ✗ {entity.title}: {problem}")

    def created(self, entity: Entity, created: Created) -> None:
        done = created.settled.done
        report(f"  {'✓ created' if done else '✗ not created'}: {entity.one} {created.label}")
        for why in (*created.settled.errors, *created.settled.disputed):
            report(f"      {why}")


@define
class JsonReport:
    """Collects the report for one JSON document at the end."""

    steps: list[dict[str, Any]] = field(factory=list)
    creations: list[dict[str, Any]] = field(factory=list)

    def began(self, entity: Entity, number: int, of: int) -> None:
        pass

    def fetched(self, records: int, of: int) -> None:
        pass

    def done_before(self, entity: Entity, counts: Fields) -> None:
        self.steps.append({"entity": entity.name, "ok": True, "counts": counts, "resumed": True})

    def synced(self, synced: Synced) -> None:
        self.steps.append(
            {
                "entity": synced.entity.name,
                "ok": True,
                "counts": synced.counts,
                "discrepancies": [asdict(discrepancy) for discrepancy in synced.discrepancies],
                "skipped": list(synced.skipped),
                "kept": list(synced.kept),
                "taken_up": list(synced.taken_up),
                "links_removed": [asdict(one) for one in synced.removed_links],
            }
        )

    def failed(self, entity: Entity, problem: AdmsyncError) -> None:
        self.steps.append({"entity": entity.name, "ok": False, "error": str(problem)})

    def created(self, entity: Entity, created: Created) -> None:
        self.creations.append(
            {"entity": entity.name, "label": created.label, **asdict(created.settled)}
        )


def discrepancy_lines(
    entity: Entity, found: Sequence[Discrepancy], most: int = LISTED
) -> list[str]:
    """The discrepancies of an entity by outcome, new ones first."""
    lines = []
    for side, outcome, heading in (
        ("tutorial", "unmatched", "tutorial {one} has no match in Administrate"),
        ("administrate", "unmatched", "Administrate {one} has no match in the tutorial tables"),
        ("tutorial", "ambiguous", "tutorial {one} is ambiguous"),
        ("administrate", "ambiguous", "Administrate {one} is ambiguous"),
        ("administrate", "linked", "link of {one} should be looked at"),
    ):
        mine = [one for one in found if one.side == side and one.outcome == outcome]
        if not mine:
            continue
        told = heading.format(one=entity.one)
        if len(mine) > 1:
            told = told.replace(entity.one, entity.many).replace(" has ", " have ")
            told = told.replace(" is ", " are ").replace("link of", "links of")
        new = sum(one.new for one in mine)
        since = "" if new in (0, len(mine)) else f", {new} of them new"
        lines.append(f"⚠ {len(mine)} {told}{since}:")
        lines += [f"    {_line(one, several=since != '')}" for one in mine[:most]]
        if len(mine) > most:
            lines.append(f"    … and {len(mine) - most} more: admsync discrepancies")
    return lines


def removed_link_lines(removed: Sequence[RemovedLink], most: int = LISTED) -> Iterator[str]:
    """The removed links of a step, with both display names and the reason."""
    if removed:
        yield f"⚠ {len(removed)} {'link' if len(removed) == 1 else 'links'} removed:"
    for one in removed[:most]:
        instead = f", now with {one.instead}" if one.instead else ""
        yield f"    {one.label} ({one.record}) with {one.tutorial_label} ({one.tutorial}){instead}:"
        yield f"        {one.why}"
    if len(removed) > most:
        yield f"    … and {len(removed) - most} more: admsync show RUN"


def _line(discrepancy: Discrepancy, *, several: bool) -> str:
    parts = [f"{'new: ' if several and discrepancy.new else ''}{discrepancy.label}"]
    if discrepancy.outcome == "ambiguous":
        parts.append(f"could be any of {', '.join(discrepancy.candidates)}")
    elif discrepancy.outcome == "linked":
        other, *before = discrepancy.candidates
        told = f", not with {', '.join(before)}" if before else ""
        parts.append(f"with {other}{told}: {discrepancy.reason}")
    elif discrepancy.reason != "no equal record on the other side":
        parts.append(discrepancy.reason)
    if discrepancy.suggestion is not None and discrepancy.outcome == "unmatched":
        parts.append(f"did you mean '{discrepancy.suggestion}'? {discrepancy.score:.2f}")
        parts.append(f"({'; '.join(_why(discrepancy))})")
    return "     ".join(parts[:2]) + "".join(f" {part}" for part in parts[2:])


def _why(discrepancy: Discrepancy) -> Iterator[str]:
    """The evidence for a suggestion, the change that would link it, and the evidence against."""
    if discrepancy.cause is not None:
        yield discrepancy.cause
    if discrepancy.change is not None:
        yield discrepancy.change
    if discrepancy.also_best_of:
        yield f"also the best candidate of {', '.join(discrepancy.also_best_of)}"
    if discrepancy.review:
        yield "rejected when they were called otherwise"
