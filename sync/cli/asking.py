"""The question at the end of a sync: shall Administrate get what only the tutorial side has?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sync.findings import Finding
    from sync.pipeline import Synced
    from sync.steps import SyncRun


def offer_creations(under_way: SyncRun, results: Sequence[Synced]) -> None:
    """Asks once for all that can be created, creates it where a person agrees, and links it.

    What the API cannot create is listed, to be entered by hand.
    """
    from ledger.settings import environment
    from sync.creating import CREATIONS, creatable, create

    lacking = [
        (synced.entity, found) for synced in results if (found := creatable(synced.findings))
    ]
    for entity, found in lacking:
        if entity.name not in CREATIONS:
            click.echo(
                f"{entity.title} cannot be created through the API; enter by hand in Administrate:"
            )
            _list(found)
    offered = [(entity, found) for entity, found in lacking if entity.name in CREATIONS]
    if not offered:
        return
    told = " and ".join(entity.many for entity, _ in offered)
    if not click.confirm(f"Create the unmatched tutorial {told} in Administrate?", default=False):
        return
    for entity, found in offered:
        for created in create(under_way, entity, found, environment(), _choose):
            click.echo(f"  {_told(created.settled.done)} {created.label}")
            for error in (*created.settled.errors, *created.settled.disputed):
                click.echo(f"      {error}")
        under_way.take(entity, anew=True)


def _choose(what: str, offered: Sequence[tuple[str, str]]) -> str | None:
    for number, (_, name) in enumerate(offered, 1):
        click.echo(f"  {number}. {name}")
    number = click.prompt(f"Which {what}?", type=click.IntRange(1, len(offered)))
    return offered[number - 1][0]


def _list(found: Sequence[Finding]) -> None:
    for finding in found:
        click.echo(f"    {finding.label}")


def _told(done: bool) -> str:  # noqa: FBT001 - of one thing
    return "✓" if done else "✗"
