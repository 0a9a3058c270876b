"""``discrepancies``: open discrepancies between the two sides, and people's decisions about
them."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache

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
from ledger.output.documents import print_json
from ledger.output.lines import answer, report

_reason = reason_option()


@group(
    "discrepancies",
    "admsync discrepancies",
    "admsync discrepancies accept Rooms Roms --reason misspelt",
    "admsync discrepancies export open.xlsx",
    invoke_without_command=True,
)
@json_option
@click.pass_context
def discrepancies(ctx: click.Context, *, as_json: bool) -> None:
    """List open discrepancies, or decide about them.

    They are listed with suggestions, as the last sync left them; nothing is fetched. A decision is
    stored in the ledger and applied by every later sync, until it is withdrawn.
    """
    if ctx.invoked_subcommand is not None:
        # The option may stand before the decision as well as after it.
        ctx.default_map = {ctx.invoked_subcommand: {"as_json": as_json}}
        return
    from sync.decide.open_discrepancies import MATCHED, open_discrepancies
    from sync.discrepancy_lines import discrepancy_lines

    with opened_for_reading() as database, database.driver_transaction() as connection:
        found = {entity: open_discrepancies(connection, entity) for entity in MATCHED}
    if as_json:
        print_json({entity.name: listed for entity, listed in found.items()})
        return
    for entity, listed in found.items():
        for line in discrepancy_lines(entity, listed, most=len(listed)):
            answer(line)
    if not any(found.values()):
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


@command("ignore", 'admsync discrepancies ignore Belfast --reason "no tutorials"')
@click.argument("record", shell_complete=completion.records)
@_reason
@json_option
def ignore(record: str, reason: str, *, as_json: bool) -> None:
    """Hide RECORD: it has no counterpart, and needs none."""
    _decide("ignore", (record,), reason, as_json=as_json)


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
    from sync.decide.open_discrepancies import MATCHED, synced_entities
    from sync.report import PrintedReport

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


@command("settle", 'admsync discrepancies settle ELO-CB1 title --side tutorial --reason "as sold"')
@click.argument("record", shell_complete=completion.records)
@click.argument("field")
@click.option(
    "--side",
    type=click.Choice(["administrate", "tutorial"]),
    required=True,
    help="Whose value holds.",
)
@_reason
@json_option
def settle(record: str, field: str, side: str, reason: str, *, as_json: bool) -> None:
    """Decide whose value of FIELD of RECORD holds.

    Of an event or a session, by a name of either side, and a field that admsync drift lists.
    Administrate's is written to the tutorial row at once, where admsync made that row; the
    tutorial's waits to be pushed. Where one side changes again, it is asked again. Taken back with:
    admsync rollback RUN
    """
    from sync.events.settle import out_of_step
    from sync.events.settle import settle as carry_out

    with opened_ledger() as ledger:
        with ledger.database.driver_transaction() as connection:
            named = out_of_step(connection, record, field)
        settled = carry_out(ledger, named, side, reason)
    if as_json:
        print_json(
            {
                "ok": True,
                "run_id": settled.run_id,
                "record": named.record,
                "field": named.field.name,
                "side": side,
                "applied": settled.applied,
                "listed": settled.listed,
            }
        )
        return
    holds = "Administrate's" if side == "administrate" else "the tutorial row's"
    report(f"✓ Settled: {holds} {named.field.title} of {named.record} holds")
    if settled.applied:
        report(f"  {named.tutorial} was changed to it")
    if settled.listed:
        report(f"  Still listed: {settled.listed}")
    report(f"  Taken back with: admsync rollback {settled.run_id}")


def _decide(decision: str, typed: tuple[str, ...], reason: str, *, as_json: bool) -> None:
    from sync.decide.by_person import WITHDRAW, record_decision, record_withdrawal

    with opened_ledger() as ledger:
        if decision == WITHDRAW:
            records, changed = record_withdrawal(ledger, typed, reason)
        else:
            records, changed = record_decision(ledger, decision, typed, reason)
    if as_json:
        print_json({"ok": True, "decision": decision, "records": records, "changed": changed})
        return
    report(f"✓ Recorded: {decision} {' and '.join(records)}")
    for line in changed:
        report(f"  {line}")


for _command in (accept, reject, ignore, withdraw, decide, settle):
    discrepancies.add_command(_command)
