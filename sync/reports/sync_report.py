"""The report of a sync: steps, counts, discrepancies; on a terminal, in a pipe, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from attrs import asdict, define, field

from ledger.errors import AdmsyncError
from ledger.output.lines import report
from ledger.output.streams import STDOUT
from ledger.output.terminal import Bar
from ledger.output.words import counted, counts_in_words
from ledger.values import Fields
from sync.decide.changed_links import RemovedLink
from sync.entity import Entity
from sync.reports.discrepancy_lines import LISTED, discrepancy_lines
from sync.synced import Synced
from sync.writing.writer import Created


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
        # Programs find every count; a person looks for those that are any.
        counts = counts_in_words(synced.counts, zeros=not STDOUT.is_terminal)
        report(f"  ✓ {synced.entity.title}: {counts}")
        if not self.discrepancies:
            return
        for line in discrepancy_lines(synced.entity, synced.discrepancies):
            report(f"  {line}")
        for line in removed_link_lines(synced.removed_links):
            report(f"  {line}")
        for heading, lines in (
            ("gone from Administrate, kept since still referred to", synced.kept),
            ("taken over from other writers", synced.taken_up),
            ("edited by the web application, recorded", synced.compared.edited),
            ("being changed by somebody, left for the next sync", synced.compared.busy),
        ):
            if lines:
                report(f"  ⚠ {len(lines)} {heading}:")
            for line in lines[:LISTED]:
                report(f"      {line}")
            if len(lines) > LISTED:
                report(f"      … and {len(lines) - LISTED} more: admsync show RUN")
        for note in synced.notes:
            report(f"  ⚠ {note}")
        if synced.compared.listed:
            found = counted(synced.compared.listed, "field")
            report(f"  ⚠ {found} newly out of step: admsync drift")
        if synced.skipped:
            report(f"  ⚠ {len(synced.skipped)} skipped:")
            for why in islice(synced.skipped_lines(), LISTED):
                report(f"      {why}")

    def failed(self, entity: Entity, problem: AdmsyncError) -> None:
        self.bar.stop()
        report(f"  ✗ {entity.title}: {problem}")

    def created(self, entity: Entity, created: Created) -> None:
        done = created.outcome.done
        report(f"  {'✓ created' if done else '✗ not created'}: {entity.one} {created.label}")
        for why in (*created.outcome.errors, *created.outcome.disputed):
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
                "edited": synced.compared.edited,
                "busy": synced.compared.busy,
                "notes": list(synced.notes),
                "links_made": [asdict(one) for one in synced.made_links],
                "links_removed": [asdict(one) for one in synced.removed_links],
            }
        )

    def failed(self, entity: Entity, problem: AdmsyncError) -> None:
        self.steps.append({"entity": entity.name, "ok": False, "error": str(problem)})

    def created(self, entity: Entity, created: Created) -> None:
        self.creations.append(
            {"entity": entity.name, "label": created.label, **asdict(created.outcome)}
        )


def removed_link_lines(removed: Sequence[RemovedLink], most: int = LISTED) -> Iterator[str]:
    """The removed links of a step, with both display names and the reason."""
    if removed:
        yield f"⚠ {counted(len(removed), 'link')} removed:"
    for one in removed[:most]:
        instead = f", now with {one.instead}" if one.instead else ""
        yield f"    {one.label} ({one.record}) with {one.tutorial_label} ({one.tutorial}){instead}:"
        yield f"        {one.why}"
    if len(removed) > most:
        yield f"    … and {len(removed) - most} more: admsync show RUN"
