"""``discrepancies``: open discrepancies between the two sides, and people's decisions about
them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import completion
from ledger.cli.command import (
    command,
    group,
    json_option,
    opened_for_reading,
    opened_ledger,
    reason_option,
)
from ledger.output.documents import print_json, print_table
from ledger.output.lines import answer, complain, report
from sync.cli.creating import create
from sync.cli.settling import settle
from sync.cli.sync import NAMES, EntityName

if TYPE_CHECKING:
    from sync.discrepancies.listed import ListedDiscrepancy
    from sync.entity import Entity

_reason = reason_option()


_AGE = re.compile(r"([0-9]{1,6})\s*([mhdw])", re.ASCII | re.IGNORECASE)
_SECONDS_OF = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def _age(_ctx: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """A duration in seconds: ``30m``, ``12h``, ``7d``, ``2w``."""
    if value is None:
        return None
    matched = _AGE.fullmatch(value)
    if matched is None:
        raise click.BadParameter(f"{value!r} is no age; expected one like 12h, 7d or 2w")
    return float(int(matched[1]) * _SECONDS_OF[matched[2].lower()])


@group(
    "discrepancies",
    "admsync discrepancies --new",
    "admsync discrepancies --entity venues --older-than 7d",
    "admsync discrepancies accept Rooms Roms --reason misspelt",
    "admsync discrepancies export open.xlsx",
    invoke_without_command=True,
)
@click.option("--entity", type=EntityName(*NAMES), metavar="NAME", help="Of this entity alone.")
@click.option("--new", is_flag=True, help="Those alone that the last sync saw first.")
@click.option(
    "--side",
    type=click.Choice(["administrate", "tutorial"]),
    help="Those alone of records of this side.",
)
@click.option(
    "--older-than", callback=_age, metavar="AGE", help="Those alone open for longer: 12h, 7d, 2w."
)
@click.option("--strict", is_flag=True, help="Exit with 5 where any is listed.")
@json_option
@click.pass_context
def discrepancies(
    ctx: click.Context,
    *,
    entity: str | None,
    new: bool,
    side: str | None,
    older_than: float | None,
    strict: bool,
    as_json: bool,
) -> None:
    """List open discrepancies, or decide about them.

    They are listed with suggestions, a pair once, as the last sync left them, each with the command
    to type; nothing is fetched. A decision is stored in the ledger and applied by every later sync,
    until it is withdrawn.
    """
    if ctx.invoked_subcommand is not None:
        # The option may stand before the decision as well as after it.
        ctx.default_map = {ctx.invoked_subcommand: {"as_json": as_json}}
        return
    from sync.discrepancies.current import MATCHED
    from sync.discrepancies.listed import Wanted, listed_discrepancies, never_synced

    of = [one for one in MATCHED if entity in (None, one.name)]
    if not of:
        raise click.UsageError(f"{entity} are Administrate's own: nothing of them is matched")
    wanted = Wanted(new, side, older_than)
    with opened_for_reading() as database, database.driver_transaction() as connection:
        unsynced = never_synced(connection, of)
        found = {
            one: [] if one in unsynced else listed_discrepancies(connection, one, wanted)
            for one in of
        }
    if as_json:
        print_json({one.name: [_told(one, each) for each in found[one]] for one in of})
    else:
        print_listed(found)
    _say_what_is_unknown(found, unsynced, as_json=as_json)
    ctx.exit(5 if strict and any(found.values()) else 0)


def print_listed(found: Mapping[Entity, Sequence[ListedDiscrepancy]]) -> None:
    """Open discrepancies in tables, by entity."""
    from ledger.output.words import local_zone
    from sync.reports.discrepancy_lines import LISTED_COLUMNS, listed_rows, new_in_words

    columns = [f"{one} ({local_zone()})" if one == "First seen" else one for one in LISTED_COLUMNS]
    for entity, listed in found.items():
        if listed:
            new = sum(one.discrepancy.new for one in listed)
            what = f"{len(listed)} {entity.noun(len(listed))}"
            answer(f"⚠ {what} to decide about{new_in_words(new, len(listed))}")
            print_table(columns, listed_rows(listed, creatable=entity.creatable))
            answer()


def _told(entity: Entity, one: ListedDiscrepancy) -> dict[str, Any]:
    from attrs import asdict

    from sync.reports.discrepancy_lines import command_for

    return {
        **asdict(one.discrepancy),
        "first_seen": one.first_seen,
        "age_seconds": one.age,
        "decide": command_for(one.discrepancy, creatable=entity.creatable),
    }


def _say_what_is_unknown(
    found: Mapping[Entity, Sequence[ListedDiscrepancy]],
    unsynced: Sequence[Entity],
    *,
    as_json: bool,
) -> None:
    say = complain if as_json else answer
    if len(unsynced) == len(found):
        say("Nothing was synced yet, so nothing is known: admsync sync all")
        return
    for entity in unsynced:
        say(f"{entity.title} were never synced: admsync sync {entity.name}")
    if not any(found.values()) and not as_json:
        answer("No open discrepancies.")


@command("accept", "admsync discrepancies accept Rooms Roms --reason misspelt")
@click.argument("one", shell_complete=completion.records)
@click.argument("other", shell_complete=completion.records)
@_reason
@json_option
def accept(one: str, other: str, reason: str, *, as_json: bool) -> None:
    """Link ONE and OTHER, whatever their names, from now on.

    Each is a name, an Administrate id, or TABLE/KEY as in acted.tutorial_venues/5.
    """
    _decide("accept", (one, other), reason, as_json=as_json)


@command("reject", 'admsync discrepancies reject Annexe Annex --reason "two houses"')
@click.argument("one", shell_complete=completion.records)
@click.argument("other", shell_complete=completion.records)
@_reason
@json_option
def reject(one: str, other: str, reason: str, *, as_json: bool) -> None:
    """Never link ONE and OTHER; asked again if their names change."""
    _decide("reject", (one, other), reason, as_json=as_json)


@command(
    "ignore",
    'admsync discrepancies ignore Belfast --reason "no tutorials"',
    'admsync discrepancies ignore Belfast --until 2099-01-31 --reason "not before the spring"',
)
@click.argument("record", shell_complete=completion.records)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Ask again from this day on (in UTC); without it, never.",
)
@_reason
@json_option
def ignore(record: str, until: datetime | None, reason: str, *, as_json: bool) -> None:
    """Hide RECORD: it has no counterpart, and needs none."""
    _decide("ignore", (record,), reason, until and until.date(), as_json=as_json)


@command("withdraw", 'admsync discrepancies withdraw Belfast --reason "there are"')
@click.argument("one", shell_complete=completion.records)
@click.argument("other", required=False, shell_complete=completion.records)
@_reason
@json_option
def withdraw(one: str, other: str | None, reason: str, *, as_json: bool) -> None:
    """Withdraw the newest decision about ONE and OTHER."""
    _decide("withdraw", (one, other) if other else (one,), reason, as_json=as_json)


@command("decide", "admsync discrepancies decide")
@click.pass_context
def decide(ctx: click.Context) -> None:
    """Decide about what Administrate lacks, one at a time.

    At a terminal, as at the end of a sync: each tutorial record without an equal is linked to what
    it may be, created in Administrate, or not asked about again. What is to be created is shown
    together at the end, and created after a yes. Ctrl-C leaves the rest for later.
    """
    from ledger.output.terminal import somebody_is_there
    from sync.cli.asking import decide_at_terminal
    from sync.connection import opened_administrate
    from sync.discrepancies.current import MATCHED, synced_entities
    from sync.reports.sync_report import PrintedReport

    if not somebody_is_there():
        raise click.UsageError(
            "there is nobody to ask here; decide in a spreadsheet: admsync discrepancies export"
        )
    with opened_ledger() as ledger, ExitStack() as opened:
        with ledger.database.driver_transaction() as connection:
            synced = synced_entities(connection)
        for entity in MATCHED:
            if entity not in synced:
                report(f"{entity.title} are not synced yet: admsync sync {entity.name}")
        client = cache(lambda: opened.enter_context(opened_administrate(ledger.database)))
        refused = decide_at_terminal(ledger, client, synced, PrintedReport())
    if refused is None:
        report("Administrate lacks no tutorial record. Other discrepancies: admsync discrepancies")
    ctx.exit(4 if refused else 0)


def _decide(
    decision: str,
    typed: tuple[str, ...],
    reason: str,
    until: date | None = None,
    *,
    as_json: bool,
) -> None:
    from ledger.history.display_names import Called
    from sync.discrepancies.by_person import WITHDRAW, record_decision, record_withdrawal

    with opened_ledger() as ledger:
        if decision == WITHDRAW:
            records, changed = record_withdrawal(ledger, typed, reason)
        else:
            records, changed = record_decision(ledger, decision, typed, reason, until)
        with ledger.database.driver_transaction() as connection:
            called = Called(connection)
            named = [called(one) for one in records]
    if as_json:
        print_json({"ok": True, "decision": decision, "records": records, "changed": changed})
        return
    report(f"✓ Recorded: {decision} {' and '.join(named)}")
    for line in changed:
        report(f"  {line}")


for _command in (accept, reject, ignore, withdraw, decide, create, settle):
    discrepancies.add_command(_command)
