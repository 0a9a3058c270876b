"""``choose-product``: chooses the product of a template's events in a sitting at a location."""

from __future__ import annotations

import click

from ledger.cli.command import command, opened_ledger, reason_option
from ledger.output.lines import report


@command(
    "choose-product",
    'admsync choose-product CB1_f2f_3 2026S London CB1/P007f2f_3 --reason "three days"',
    'admsync choose-product CB1_f2f_3 2026S London --withdraw --reason "not sold"',
)
@click.argument("code")
@click.argument("sitting")
@click.argument("location")
@click.argument("product", required=False)
@click.option("--withdraw", is_flag=True, help="Take the choice back, instead of PRODUCT.")
@reason_option()
def choose_product(
    code: str, sitting: str, location: str, product: str | None, *, withdraw: bool, reason: str
) -> None:
    """Say which product events are sold as.

    For a row that was refused since none or several products fit: from the SITTING (2026A) on,
    events of the course template CODE at the LOCATION, named as in Administrate, are sold as
    PRODUCT, its code or id, and in later sittings as what that is there: the same catalogue product
    and variation, or the same format and location. A later choice takes the place of an earlier
    one. Many are decided at once with admsync discrepancies export.
    """
    from importer.decisions.choose_product import question, record_choice, withdraw_choice
    from importer.reference.read import read_local_reference

    if withdraw == (product is not None):
        raise click.UsageError("either PRODUCT or --withdraw")
    with opened_ledger() as ledger:
        reference = read_local_reference(ledger.database)
        asked = question(reference, code, sitting, location)
        if product is None:
            choice = withdraw_choice(ledger, asked, reason)
            told = f"{code} at {location} is no longer sold as {choice.event.object}"
            told += f", as was decided for {choice.sitting}"
        else:
            decision = record_choice(ledger, asked, reference, product, reason)
            told = f"from {asked.sitting} on, {code} at {location} is sold as {decision.object}"
    report(f"✓ Recorded: {told}")
