"""``verify`` and ``erase``: the proof of the ledger, and what it survives."""

from __future__ import annotations

import sys

import click

from ledger.cli.command import command, json_option, opened_ledger
from ledger.cli.legible import counted
from ledger.cli.output import print_json
from ledger.cli.rebuilding import print_differences


@command("verify")
@json_option
@click.option("--anchor", metavar="LINK", help="A link noted elsewhere that must be on the chain.")
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool, anchor: str | None) -> None:
    """Check the chain of hashes and the tables.

    Every event is hashed again, every append's link computed again, and the tables are rebuilt and
    compared. Exit 1 where anything differs. The link printed is the chain's head: noted where
    nobody with access to the database can change it, it proves with --anchor, later, that the
    ledger up to there is still the same.
    """
    from ledger.replay import replay as replayed
    from ledger.verify import verify_chain

    with opened_ledger() as ledger:
        chain = verify_chain(ledger.database, anchor=anchor)
        tables = replayed(ledger.database) if chain.ok else None
    ok = chain.ok and tables is not None and tables.ok
    if as_json:
        print_json(
            {
                "ok": ok,
                "chain": chain,
                "differences": tables.differences if tables else None,
                "edited": tables.edited if tables else None,
            }
        )
        ctx.exit(0 if ok else 1)
    for finding in chain.findings:
        click.echo(f"✗ {finding.where}: {finding.what}")
    if chain.ok:
        click.echo(
            f"✓ The chain is whole: {counted(chain.events, 'event')} in"
            f" {counted(chain.appends, 'append')}, {counted(chain.blobs, 'stored answer')}"
        )
        if chain.events:
            click.echo(f"  Its head is position {chain.position}, with the link")
            click.echo(f"  {chain.link}")
    else:
        click.echo(
            "  The tables were not compared: the ledger they would be rebuilt from is broken."
        )
    if tables is not None:
        print_differences(tables)
    ctx.exit(0 if ok else 1)


@command("erase")
@click.argument("record")
@click.option("--reason", required=True, help="Why, without naming the person: kept for good.")
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
@json_option
def erase(record: str, reason: str, *, yes: bool, as_json: bool) -> None:
    """Forget a person; the history and its proof stand.

    The values that name the person are deleted, and the stored answers that hold them. RECORD is as
    for admsync history. It cannot be undone. Where the person is still in Administrate, the next
    sync sees them again: remove them there first.
    """
    from ledger.database import driver
    from ledger.erase import erase as forget
    from ledger.erase import plan_erasure, sweep
    from ledger.records import find_record
    from ledger.runs import new_run

    with opened_ledger() as ledger:
        with ledger.database.transaction() as connection:
            found = find_record(driver(connection), record)
            plan = plan_erasure(driver(connection), found.record, reason)
        told = (
            f"{counted(len(plan.values), 'value')} and {counted(len(plan.blobs), 'stored answer')}"
            f" of {found.record}"
        )
        if sys.stdin.isatty() and not yes:
            click.confirm(f"Delete {told} for good?", abort=True)
        with new_run(ledger, "erase", {"record": found.record}) as run:
            position = forget(run, plan)
        sweep(ledger.database)
    if as_json:
        print_json(
            {
                "ok": True,
                "record": found.record,
                "position": position,
                "values": len(plan.values),
                "blobs": len(plan.blobs),
            }
        )
    else:
        click.echo(f"✓ Deleted {told}")
        click.echo(f"  Recorded at position {position}.")
        click.echo(
            "  Backups, and the web application's own tables, are not the ledger's to clear."
        )
