"""``choose-product``: what events of a template, a sitting and a place are sold as."""

from __future__ import annotations

import click

from ledger.cli.command import command, opened_ledger


@command("choose-product")
@click.argument("code")
@click.argument("sitting")
@click.argument("location")
@click.argument("product", required=False)
@click.option("--withdraw", is_flag=True, help="Take the choice back, instead of PRODUCT.")
@click.option("--reason", required=True, help="Why: kept in the ledger.")
def choose_product(
    code: str, sitting: str, location: str, product: str | None, *, withdraw: bool, reason: str
) -> None:
    """Say which product events are sold as.

    For a row that was refused since none or several products fit: from now on, events of the
    course template CODE in the SITTING (2026A) at the LOCATION, named as in Administrate, are sold
    as PRODUCT, its code or id. A later choice takes the place of an earlier one.
    """
    from importer.choosing import product_decision, question
    from importer.product_decisions import choice_standing
    from importer.world import read_local_reference
    from ledger.events import DecisionTaken, DecisionWithdrawn
    from ledger.runs import new_run

    if withdraw == (product is not None):
        raise click.UsageError("either PRODUCT or --withdraw")
    with opened_ledger() as ledger:
        reference = read_local_reference(ledger.database)
        asked = question(reference, code, sitting, location)
        decision: DecisionTaken | DecisionWithdrawn
        if product is None:
            taken, choice = choice_standing(ledger, asked)
            decision = DecisionWithdrawn(
                taken=taken, subject=choice.subject, object=choice.object, reason=reason
            )
        else:
            decision = product_decision(asked, reference, product, reason)
        with new_run(ledger, "choose-product") as run:
            run.append(decision)
    sold = (
        f"is no longer sold as {decision.object}" if withdraw else f"is sold as {decision.object}"
    )
    click.echo(f"✓ Recorded: {code} in {asked.sitting} at {location} {sold}")
