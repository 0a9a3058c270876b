"""``drift``: what is out of step between the two systems, by event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ledger.cli import completion
from ledger.cli.command import command, json_option, opened_for_reading
from ledger.output.documents import print_json
from ledger.output.lines import answer_lines

if TYPE_CHECKING:
    from sync.events.drift import EventOutOfStep


@command(
    "drift",
    "admsync drift",
    "admsync drift --event ELO-CB1-30-26A",
    "admsync drift --strict --json",
)
@click.option(
    "--event",
    metavar="EVENT",
    shell_complete=completion.records,
    help="Of this event alone, by a name of either side.",
)
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
    from sync.events.drift import read_drift
    from sync.events.names import ValueNames
    from sync.reports.drift_lines import drift_lines

    with opened_for_reading() as database, database.driver_transaction() as connection:
        found = read_drift(connection)
        if event is not None:
            record = find_record(connection, event).record
            found = [one for one in found if record in one.records]
        names = ValueNames.learned(connection, found)
        synced = connection.execute(
            "SELECT FROM ledger.events WHERE type = 'EntitySynced'"
            " AND payload ->> 'entity' IN ('events', 'sessions') LIMIT 1"
        ).fetchone()
        lines = [] if as_json else list(drift_lines(found, names, synced=synced is not None))
    if as_json:
        print_json([_document(one) for one in found])
    else:
        answer_lines(lines)
    waiting = any(not one.to_push for of in found for one in of.fields)
    ctx.exit(5 if strict and waiting else 0)


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
