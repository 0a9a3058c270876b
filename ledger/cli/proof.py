"""``verify``, ``replay`` and ``erase``: the proof of the ledger, and what it survives."""

from __future__ import annotations

import sys

import click

from ledger.cli.command import command, json_option, opened_ledger
from ledger.cli.legible import counted, row_details, value_text
from ledger.cli.output import print_entry, print_json


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
        _print_differences(tables)
    ctx.exit(0 if ok else 1)


@command("replay")
@json_option
@click.option("--apply", "mending", is_flag=True, help="Set what differs to what the ledger says.")
@click.option("--at", metavar="POSITION|TIME", help="Show the tables as they were then.")
@click.option("--table", metavar="TABLE", help="With --at: only this table, say adm.venues.")
@click.pass_context
def replay(
    ctx: click.Context, *, as_json: bool, mending: bool, at: str | None, table: str | None
) -> None:
    """Rebuild the tables from the ledger and compare.

    Says how what stands differs; exit 1 where it does. With --apply the tables are set to what the
    ledger says, in a run of its own. With --at they are shown as they were at a position or a time,
    and nothing is compared.
    """
    if at is not None:
        if mending:
            raise click.UsageError("--apply mends what stands now; it does not go with --at")
        _print_state(at, table, as_json=as_json)
        return
    if table is not None:
        raise click.UsageError("--table goes with --at")
    from ledger.replay import mend
    from ledger.replay import replay as replayed
    from ledger.runs import new_run

    with opened_ledger() as ledger:
        found = replayed(ledger.database)
        mended: dict[str, int] = {}
        if mending and not found.ok:
            with new_run(ledger, "replay --apply") as run:
                mended = mend(run)
    ok = found.ok or mended == found.rows
    if as_json:
        print_json(
            {
                "ok": ok,
                "position": found.position,
                "rows": found.rows,
                "mended": mended,
                "differences": found.differences,
                "edited": found.edited,
            }
        )
    else:
        _print_differences(found)
        for name, rows in mended.items():
            click.echo(f"✓ {name}: {counted(rows, 'row')} set right")
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


def _print_state(at: str, table: str | None, *, as_json: bool) -> None:
    from ledger.replay import position_of, state_at
    from ledger.tables import adm

    if table is not None and table not in adm.BY_NAME:
        raise click.UsageError(f"no table {table!r}; the tables are {', '.join(adm.BY_NAME)}")
    names = [table] if table else list(adm.BY_NAME)
    with opened_ledger() as ledger:
        with ledger.database.transaction() as connection:
            until = position_of(connection, at)
        states = {name: state_at(ledger.database, adm.BY_NAME[name], until) for name in names}
    if as_json:
        print_json({"ok": True, "position": until, "tables": states})
        return
    click.echo(f"As of position {until}:")
    for name, rows in states.items():
        click.echo(f"{name}: {counted(len(rows), 'row')}")
        for row in rows:
            print_entry(f"{row.pop('id'):>8}", row_details(row))


def _print_differences(found: object) -> None:
    from ledger.replay import DETAILED, Replayed

    assert isinstance(found, Replayed)  # noqa: S101 - for the type checker
    for edit in found.edited:
        click.echo(
            f"  {edit.table} {edit.key} {edit.column}: changed by the web application,"
            f" {edit.ledger!r} → {edit.stands!r}"
        )
    if found.ok:
        click.echo(f"✓ The tables equal the ledger, up to position {found.position}")
        return
    for difference in found.differences:
        place = f"{difference.table} {difference.key}"
        if difference.column is not None:
            click.echo(
                f"✗ {place} {difference.column}: the ledger says {difference.ledger!r},"
                f" {difference.stands!r} stands"
            )
        elif difference.stands is None:
            click.echo(
                f"✗ {place}: the row is missing; the ledger says {value_text(difference.ledger)}"
            )
        else:
            click.echo(
                f"✗ {place}: the ledger knows no such row; {value_text(difference.stands)} stands"
            )
    for name, rows in found.rows.items():
        more = f" (the first {DETAILED} are shown)" if rows > DETAILED else ""
        click.echo(f"  {name}: {counted(rows, 'row')} differ{'s' if rows == 1 else ''}{more}")
    click.echo("  admsync replay --apply sets them to what the ledger says.")
