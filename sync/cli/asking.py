"""The prompt at the end of a sync: create in Administrate the records that only the tutorial side
has?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ledger.errors import StoppedResumably
from ledger.output.streams import tell
from ledger.runs.interrupts import prompt_interrupts

if TYPE_CHECKING:
    from sync.run import SyncRun


def offer_creations(under_way: SyncRun) -> None:
    """Asks once for all creatable records, and records a person's agreement.

    Records that the API cannot create are listed, to be entered by hand.
    """
    from ledger.settings.environment import environment
    from sync.create_unmatched import CREATIONS, agree, creatable
    from sync.decide.by_person import open_discrepancies

    lacking = {}
    with under_way.run.ledger.database.transaction() as connection:
        for entity in under_way.entities:
            if entity.tutorial is not None and (
                found := creatable(open_discrepancies(connection, entity))
            ):
                lacking[entity] = found
    for entity in [entity for entity in lacking if entity.name not in CREATIONS]:
        tell(f"{entity.title} cannot be created through the API; enter by hand in Administrate:")
        for discrepancy in lacking.pop(entity):
            tell(f"    {discrepancy.label}")
    if not lacking:
        return
    told = " and ".join(entity.many for entity in lacking)
    with _asking(f"Create the unmatched tutorial {told} in Administrate? [y/N]: "):
        agreed = click.confirm("", default=False, prompt_suffix="", show_default=False)
    if agreed:
        agree(under_way, lacking, environment(), _choose)


def _choose(what: str, offered: Sequence[tuple[str, str]]) -> str | None:
    for number, (_, name) in enumerate(offered, 1):
        tell(f"  {number}. {name}")
    with _asking(f"Which {what}? "):
        chosen: int = click.prompt("", prompt_suffix="", type=click.IntRange(1, len(offered)))
    return offered[chosen - 1][0]


@contextmanager
def _asking(question: str) -> Iterator[None]:
    """Prints the prompt on standard output: Python's own would go to standard error, which may be a
    file. Ctrl-C instead of an answer stops the run; resumed, it asks again."""
    try:
        with prompt_interrupts():
            tell(question, nl=False)
            yield
    except (KeyboardInterrupt, click.Abort):
        raise StoppedResumably("interrupted at the question") from None
