"""A person's choice of a product is kept in the ledger, and the next import goes by it."""

from __future__ import annotations

import pytest

from importer.choosing import product_decision
from importer.reference import ProductDecision
from importer.world import read_local_reference
from ledger.book import Ledger
from ledger.database import driver
from ledger.errors import UsageRefused
from ledger.runs import new_run
from sync.sandbox.company import tutorial_tables
from sync.tutorial_rows import load_tutorial_rows


def _choose(ledger: Ledger, product: str, reason: str) -> None:
    with ledger.database.transaction() as connection:
        decision = product_decision(connection, "CB1_LO_6", "2026A", "Live online", product, reason)
    with new_run(ledger, "choose-product") as run:
        run.append(decision)


def test_the_newest_choice_is_what_an_import_goes_by(ledger: Ledger) -> None:
    with ledger.database.transaction() as connection:
        load_tutorial_rows(driver(connection), tutorial_tables())
    _choose(ledger, "1", "the first that came to mind")
    _choose(ledger, "2", "looked it up")
    decisions = read_local_reference(ledger.database).decisions
    assert decisions[-1] == ProductDecision("CB1_LO_6", "2026A", "Live online", 2)


@pytest.mark.parametrize(
    ("code", "location", "product"),
    [
        ("XX9_LO_6", "Live online", "1"),
        ("CB1_LO_6", "Atlantis", "1"),
        ("CB1_LO_6", "Live online", "none such"),
    ],
)
def test_what_is_not_there_cannot_be_chosen(
    ledger: Ledger, code: str, location: str, product: str
) -> None:
    with ledger.database.transaction() as connection:
        load_tutorial_rows(driver(connection), tutorial_tables())
        with pytest.raises(UsageRefused, match="no "):
            product_decision(connection, code, "2026A", location, product, "why not")
