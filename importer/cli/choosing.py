"""``choose-product``: what events of a template, a sitting and a place are sold as."""

from __future__ import annotations

import click

from ledger.cli.command import command, opened_ledger


@command("choose-product")
@click.argument("code")
@click.argument("sitting")
@click.argument("location")
@click.argument("product")
@click.option("--reason", required=True, help="Why: kept in the ledger.")
def choose_product(code: str, sitting: str, location: str, product: str, reason: str) -> None:
    """Say which product events are sold as.

    For a row that was refused since none or several products fit: from now on, events of the
    course template CODE in the SITTING (2026A) at the LOCATION are sold as PRODUCT, its code or
    id. A later choice takes the place of an earlier one.
    """
    from importer.choosing import product_decision
    from ledger.runs import new_run

    with opened_ledger() as ledger:
        with ledger.database.transaction() as connection:
            decision = product_decision(connection, code, sitting, location, product, reason)
        with new_run(ledger, "choose-product") as run:
            run.append(decision)
    click.echo(f"✓ Recorded: {code} in {sitting} at {location} is sold as {decision.object}")
