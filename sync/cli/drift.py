"""``drift``: what is out of step between the two systems, by event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.command import command, json_option, opened_for_reading
from ledger.output.documents import print_json
from ledger.output.lines import answer_lines
from ledger.output.words import counted, local_time

if TYPE_CHECKING:
    from sync.events.drift import EventOutOfStep, OutOfStep
    from sync.events.names import ValueNames


@command("drift")
@click.option("--event", metavar="EVENT", help="Of this event alone, by a name of either side.")
@click.option("--strict", is_flag=True, help="Exit with 5 where a person's decision is waited for.")
@json_option
@click.pass_context
def drift(ctx: click.Context, *, event: str | None, strict: bool, as_json: bool) -> None:
    """List what is out of step between the two systems.

    Fields of linked events and sessions, by event, those of the newest difference first, as the
    last sync left them; nothing is fetched. Each with what both sides last agreed on. "To push" are
    changes of the web application that Administrate does not have yet; about any other a person
    decides: admsync discrepancies settle.
    """
    from ledger.history.find_record import find_record
    from sync.events.drift import compared_field, read_drift
    from sync.events.names import ValueNames

    with opened_for_reading() as database, database.driver_transaction() as connection:
        found = read_drift(connection)
        if event is not None:
            record = find_record(connection, event).record
            found = [one for one in found if record in one.records]
        fields = [
            (compared_field(one.record.partition("/")[0], one.name), one.disparity)
            for of in found
            for one in of.fields
        ]
        names = ValueNames.learned(connection, fields)
        synced = connection.execute(
            "SELECT FROM ledger.events WHERE type = 'EntitySynced'"
            " AND payload ->> 'entity' IN ('events', 'sessions') LIMIT 1"
        ).fetchone()
        lines = [] if as_json else list(_lines(found, names, synced=synced is not None))
    if as_json:
        print_json([_document(one) for one in found])
    else:
        answer_lines(lines)
    waiting = any(not one.to_push for of in found for one in of.fields)
    ctx.exit(5 if strict and waiting else 0)


def _lines(found: Sequence[EventOutOfStep], names: ValueNames, *, synced: bool) -> Iterator[str]:
    if not synced:
        yield "Events were never synced, so nothing is known: admsync sync events"
        return
    for event in found:
        yield f"{event.code or event.title or event.record}  {event.record}"
        record = event.record
        for one in event.fields:
            if one.record != record:
                record = one.record
                yield f"  session {names.called(record)}"
            yield from _field_lines(one, names, event.timezone)
    if not found:
        yield "Nothing is out of step."
        return
    kinds = Counter(one.disparity.kind for of in found for one in of.fields)
    count = counted(sum(kinds.values()), "field")
    yield f"{count} out of step: {', '.join(f'{n} {kind}' for kind, n in kinds.items())}"
    if any(not one.to_push for of in found for one in of.fields):
        yield "Decide: admsync discrepancies settle RECORD FIELD --side administrate|tutorial"


def _field_lines(one: OutOfStep, names: ValueNames, timezone: str | None) -> Iterator[str]:
    from ledger.events.agreement import Pair
    from sync.events.drift import compared_field

    declared = compared_field(one.record.partition("/")[0], one.name)
    held = one.disparity
    now = names.pair(
        declared, Pair(administrate=held.administrate, tutorial=held.tutorial), timezone
    )
    mark = "→" if one.to_push else "⚠"
    yield f"  {mark} {one.title} ({one.name}): {held.kind}, since {local_time(one.since)}"
    if one.to_push and not one.can_be_sent:
        yield "      Administrate takes no such change from a program: change it there"
    if held.base is None:
        yield f"      Administrate: {now.administrate}"
        yield f"      tutorial:     {now.tutorial}"
        return
    before = names.pair(declared, held.base, timezone)
    yield f"      Administrate: {_change(before.administrate, now.administrate)}"
    yield f"      tutorial:     {_change(before.tutorial, now.tutorial)}"


def _change(before: str, now: str) -> str:
    return f"{before}, unchanged" if before == now else f"{before} → {now}"


def _document(event: EventOutOfStep) -> dict[str, Any]:
    return {
        "event": event.record,
        "tutorial": event.tutorial,
        "code": event.code,
        "title": event.title,
        "fields": [
            {
                "record": one.record,
                "tutorial": one.tutorial,
                "field": one.name,
                "title": one.title,
                "kind": one.disparity.kind,
                "owner": one.owner,
                "can_be_sent": one.can_be_sent,
                "base": one.disparity.base,
                "administrate": one.disparity.administrate,
                "tutorial_value": one.disparity.tutorial,
                "since": one.since,
                "run_id": one.run_id,
            }
            for one in event.fields
        ],
    }
