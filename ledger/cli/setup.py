"""``migrate`` and ``verify-schema-placement``: the database's schema created and checked."""

from __future__ import annotations

import click

from ledger.cli.command import command, json_option, opened_database
from ledger.output.documents import print_json, print_table
from ledger.output.lines import answer, answer_verbatim, report, report_lines


@command("migrate", "admsync migrate", "admsync migrate --grant admsync_app")
@click.option("--grant", "role", metavar="ROLE", help="Give ROLE what the program needs, no more.")
@click.option(
    "--wait",
    "patience",
    metavar="SECONDS",
    type=click.FloatRange(min=0.1, max=3600),
    default=30,
    show_default=True,
    help="How long to wait for a lock that somebody holds.",
)
def migrate(role: str | None, patience: float) -> None:
    """Bring the database to the current schema.

    Works on an empty database, on one that holds the web application's acted tables, and on one
    where an older tool made adm tables: misplaced ones are moved, and the links found are adopted
    into the ledger. Run again, it changes nothing. Where somebody holds a lock that it needs, it
    says who after --wait seconds, and exits with 3 and nothing done.
    """
    from ledger.canonical import escaped
    from ledger.migrations.migrate import grant, outdated_grants, shortcomings
    from ledger.migrations.migrate import migrate as bring
    from ledger.settings.environment import actor, environment

    if role and role != escaped(role):
        raise click.UsageError(f"no role can be called {role}")
    with opened_database() as database:
        steps = bring(database, actor=actor(environment()), patience=patience)
        report_lines(steps or ["The schema is current; nothing to do."])
        report_lines(f"⚠ {lack}" for lack in shortcomings(database))
        if role:
            grant(database, role)
            report(f"{role} may read the ledger, append to it and project from it.")
        report_lines(f"⚠ {lack}" for lack in outdated_grants(database))


@command(
    "verify-schema-placement",
    "admsync verify-schema-placement",
    "admsync verify-schema-placement --fix",
)
@json_option
@click.option("--fix", is_flag=True, help="Print the SQL that puts misplaced tables right.")
@click.pass_context
def verify_schema_placement(ctx: click.Context, *, as_json: bool, fix: bool) -> None:
    """Say whether every expected table is in its schema.

    Exit 1 where one is not.
    """
    from ledger.migrations.placement import table_placements

    with opened_database() as database, database.transaction() as connection:
        placements = table_placements(connection)
    wrong = [placement for placement in placements if placement.state != "in place"]
    if as_json:
        print_json({"ok": not wrong, "tables": placements})
    elif fix:
        for placement in wrong:
            answer_verbatim(placement.mend or f"-- {placement.table} is {placement.state}")
    else:
        print_table(
            ("Table", "State", "Found at"),
            [(placement.table, placement.state, placement.found) for placement in placements],
        )
        if any(placement.state == "missing" for placement in wrong):
            answer("admsync migrate makes what is missing and moves what is misplaced.")
    ctx.exit(1 if wrong else 0)
