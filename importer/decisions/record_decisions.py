"""Collects open discrepancies for an export; plans typed decisions and records them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import Connection

from importer.decisions.decision_plan import (
    DecisionPlan,
    Held,
    OpenNow,
    make_decision_plan,
    product_held,
)
from importer.decisions.open_rows import OpenPair, OpenProduct, Products, open_pairs
from importer.decisions.reading import TypedDecisions, read_decisions
from importer.reference.database import read_tutorial_reference
from importer.reference.product_choice import ProductQuery
from importer.reference.product_decisions import Question, current_choices
from importer.reference.read import template_codes
from importer.workbook.archive import WorkbookFile
from importer.workbook.sheet import Sheet
from importer.workbook.template import BY_KEY
from ledger.database.connection import driver
from ledger.errors import AdmsyncError
from ledger.events import DecisionTaken, RowRefused
from ledger.runs.kinds import DECISION, IMPORT
from ledger.runs.run import new_run
from ledger.store.append import lock
from ledger.store.entries import Entry
from ledger.store.ledger import Ledger
from ledger.store.read import Selection, read_recorded
from ledger.values import Fields
from sync.discrepancies.by_person import apply_decisions
from sync.discrepancies.decisions import decisions_that_hold

_IMPORTS_LOOKED_AT = 20
_ASKING = tuple(BY_KEY[key].header for key in ("code", "sitting", "location"))


class ChangedMeanwhile(AdmsyncError):
    """The open discrepancies changed since they were shown; nothing was recorded."""


@frozen
class RecordedDecisions:
    """The result of an import of decisions: its run, and the changed links."""

    run_id: str
    changed: tuple[str, ...]


def gather_open(
    ledger: Ledger, sheet: Sheet | None = None
) -> tuple[list[OpenPair], list[OpenProduct]]:
    """The open discrepancies about records, and the products to choose.

    The products are those a workbook's sheet needs; without one, those that rows refused by the
    last imports need, and every template and location with several in one of the last sittings on
    sale.
    """
    with ledger.database.snapshot() as connection:
        pairs = list(open_pairs(connection))
        reference = read_tutorial_reference(connection, ()).reference
        products = Products.of(reference)
        if sheet is not None:
            known = sheet.knowing(template_codes(reference))
            return pairs, products.open(_asked_in(known))
        refused = products.open(_asked_by_refused(connection))
    waiting = {(one.question.template, one.question.location) for one in refused}
    rest = [
        one
        for one in products.several()
        if (one.question.template, one.question.location) not in waiting
    ]
    return pairs, [*refused, *rest]


def plan_decisions(ledger: Ledger, file: WorkbookFile) -> tuple[TypedDecisions, DecisionPlan]:
    """The plan for an import of the workbook's decisions; nothing is written."""
    typed = read_decisions(file)
    with ledger.database.snapshot() as connection:
        return typed, make_decision_plan(typed, _open_now(connection))


def record_decisions(
    ledger: Ledger, file: WorkbookFile, typed: TypedDecisions, plan: DecisionPlan
) -> RecordedDecisions:
    """Records the plan's decisions, all or none, and applies them to the links.

    Raises ``ChangedMeanwhile`` where the plan differs by now.
    """
    new_decisions = [one.new_decision for one in plan.decisions if one.new_decision is not None]
    chosen = [one.chosen for one in plan.decisions if one.chosen is not None]
    entities = sorted({new_decision.pair.entity.name for new_decision in new_decisions})
    options: Fields = {"file": file.name, "digest": file.digest, "decisions": len(plan.decisions)}
    holds = DECISION.holds({"entities": entities})
    with (
        new_run(ledger, DECISION.command("import"), options, holds=holds) as run,
        run.ledger.database.transaction() as connection,
    ):
        lock(driver(connection))
        if make_decision_plan(typed, _open_now(connection)) != plan:
            raise ChangedMeanwhile(
                "the open discrepancies have changed since the plan was shown; nothing was"
                " recorded. Run it again"
            )
        changed = apply_decisions(run, connection, new_decisions)
        if chosen:
            run.ledger.append_in(connection, [Entry(one) for one in chosen], run_id=run.run_id)
        run.counts.update({name: n for name, n in plan.counts.items() if n})
        run.refused = plan.counts["refused"]
    return RecordedDecisions(str(run.run_id), tuple(changed))


def _open_now(connection: Connection) -> OpenNow:
    products = Products.of(read_tutorial_reference(connection, ()).reference)
    return OpenNow.of(open_pairs(connection), products, _holding(connection))


def _holding(connection: Connection) -> Iterator[Held]:
    for recorded in decisions_that_hold(connection):
        taken = cast("DecisionTaken", recorded.event)
        about = frozenset(one for one in (taken.subject, taken.object) if one is not None)
        yield taken.decision, about
    for choice in current_choices(connection):
        place = str(choice.event.fields["location"])
        question = Question(choice.event.subject, choice.sitting, place)
        yield product_held(question, str(choice.event.object))


def _asked_in(sheet: Sheet) -> Iterator[ProductQuery]:
    keys = ("code", "sitting", "location")
    rows = (tuple(row.text(key) for key in keys) for row in sheet.rows)
    return _asked(rows)


def _asked_by_refused(connection: Connection) -> Iterator[ProductQuery]:
    """The product questions of the refused rows of each workbook's last import."""
    imports = driver(connection).execute(
        "SELECT run_id, options ->> 'file' FROM ledger.runs WHERE command = %s"
        " ORDER BY started_at DESC LIMIT %s",
        (IMPORT.name, _IMPORTS_LOOKED_AT),
    )
    newest: dict[str, UUID] = {}
    for run_id, name in imports:
        newest.setdefault(name, run_id)
    for run_id in newest.values():
        selection = Selection(run_id=run_id, types=[RowRefused.__name__])
        events = (one.event for one in read_recorded(driver(connection), selection))
        refused = (event.cells for event in events if isinstance(event, RowRefused))
        yield from _asked(
            tuple(str(cells.get(header) or "") for header in _ASKING) for cells in refused
        )


def _asked(rows: Iterable[tuple[str, ...]]) -> Iterator[ProductQuery]:
    return (ProductQuery(*row) for row in rows if all(row))
