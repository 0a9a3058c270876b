"""The links that a sync makes and removes: both display names, and the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import psycopg
from attrs import evolve, frozen

from ledger.events import Event, MatchDecided, RecordVanished, record_name
from ledger.history.display_names import Called
from ledger.history.reasons import sentence_of
from ledger.output.words import shown
from sync.entity import Entity


@frozen
class RemovedLink:
    """A link removed by the sync: its two records with their display names, the new link of the
    first (``instead``), and the reason."""

    record: str
    label: str
    tutorial: str
    tutorial_label: str
    instead: str | None
    why: str


@frozen
class MadeLink:
    """A link made by the sync: its two records with their display names, and the reason."""

    record: str
    label: str
    tutorial: str
    tutorial_label: str
    why: str


_Link = TypeVar("_Link", RemovedLink, MadeLink)


def named(connection: psycopg.Connection[object], changed: Sequence[_Link]) -> tuple[_Link, ...]:
    """The changed links, with the display names they lack."""
    called = Called(connection)
    called.learn([record for one in changed for record in (one.record, one.tutorial)])
    return tuple(
        evolve(
            one,
            label=one.label or called.name_of(one.record) or one.record,
            tutorial_label=called.name_of(one.tutorial) or one.tutorial,
        )
        for one in changed
    )


def made_by(event: Event) -> Iterator[MadeLink]:
    """The link that an event makes, if any."""
    match event:
        case MatchDecided(linked=str(linked)) if linked != event.before:
            yield MadeLink(event.record(), "", linked, "", sentence_of(event.reason))


def removed_by(entity: Entity, event: Event) -> Iterator[RemovedLink]:
    """The link that an entity's event removes, if any; with a label only where no row has the
    record any longer."""
    match event:
        case MatchDecided(before=str(before)) if event.linked != before:
            why = sentence_of(event.reason)
            yield RemovedLink(event.record(), "", before, "", event.linked, why)
        case RecordVanished(table=entity.table.fullname, fields=fields):
            link = entity.link_of(fields)
            if link is not None:
                tutorial = record_name(entity.matched.table, link)
                label = " ".join(shown(fields.get(name)) for name in entity.key_columns)
                yield RemovedLink(event.record(), label, tutorial, "", None, sentence_of("gone"))
