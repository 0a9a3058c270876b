"""The prompt at the end of a sync: create in Administrate the records that only the tutorial side
has?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ledger.errors import StoppedResumably
from ledger.output.lines import report
from ledger.output.streams import STDOUT
from ledger.output.terminal import chosen, said_yes
from ledger.runs.interrupts import prompt_interrupts

if TYPE_CHECKING:
    from sync.run import SyncRun


def offer_creations(under_way: SyncRun) -> None:
    """Asks once for all creatable records, and records a person's agreement.

    Records that the API cannot create are listed, to be entered by hand.
    """
    from ledger.settings.environment import environment
    from sync.create_unmatched import CREATIONS, agree, lacking

    unmatched = lacking(under_way)
    for entity in [entity for entity in unmatched if entity.name not in CREATIONS]:
        report(f"{entity.title} cannot be created through the API; enter by hand in Administrate:")
        for discrepancy in unmatched.pop(entity):
            report(f"    {discrepancy.label}")
    if not unmatched:
        return
    told = " and ".join(entity.many for entity in unmatched)
    with _asking():
        agreed = said_yes(f"Create the unmatched tutorial {told} in Administrate?", on=STDOUT)
    if agreed:
        agree(under_way, unmatched, environment(), _choose)


def _choose(what: str, offered: Sequence[tuple[str, str]]) -> str | None:
    with _asking():
        return offered[chosen(f"Which {what}?", [name for _, name in offered])][0]


@contextmanager
def _asking() -> Iterator[None]:
    """Ctrl-C instead of an answer stops the run; resumed, it asks again."""
    try:
        with prompt_interrupts():
            yield
    except KeyboardInterrupt:
        raise StoppedResumably("interrupted at the question") from None
