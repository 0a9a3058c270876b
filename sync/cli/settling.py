"""``discrepancies settle``: a person decides whose value of a field holds."""

from __future__ import annotations

import click

from ledger.cli import completion
from ledger.cli.command import command, json_option, opened_ledger, reason_option
from ledger.output.documents import print_json
from ledger.output.lines import report


@command("settle", 'admsync discrepancies settle ELO-CB1 title --side tutorial --reason "as sold"')
@click.argument("record", shell_complete=completion.records)
@click.argument("field")
@click.option(
    "--side",
    type=click.Choice(["administrate", "tutorial"]),
    required=True,
    help="Whose value holds.",
)
@reason_option()
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
