"""Typed decisions checked against the open discrepancies: to record, already recorded, or
refused."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from attrs import frozen

from importer.decisions.choose_product import product_decision
from importer.decisions.layout import DECISION, KEY, REASON
from importer.decisions.open_rows import (
    ACCEPT,
    IGNORE,
    PRODUCT,
    REJECT,
    OpenPair,
    OpenProduct,
    Products,
)
from importer.decisions.reading import TypedDecision, TypedDecisions
from importer.reference.product_decisions import Question
from importer.workbook.problems import CellError
from importer.workbook.template import fold
from ledger.blank import is_blank
from ledger.errors import UsageRefused
from ledger.events import DecisionTaken
from sync.discrepancies.by_person import NewDecision
from sync.matching.keys import COURSE_TEMPLATE
from sync.matching.known_names import KnownNames

VERDICTS = (ACCEPT, REJECT, IGNORE)
_AGAIN = "export the open discrepancies again, and decide there"
_LONGEST_REASON = 2_000

Held = tuple[str, frozenset[str]]
"""A decision that holds: what was decided, and the records, or the question and its product."""


@frozen
class ToRecord:
    """A decision to record: its description, and the values of its event."""

    cell: str
    decision: str
    about: str
    reason: str
    held: Held
    new_decision: NewDecision | None = None
    chosen: DecisionTaken | None = None

    def __str__(self) -> str:
        """``Records!A5 accept 'Haymarket' and 'Haymarkt': “misspelt”``."""
        return f"{self.cell} {self.decision} {self.about}: “{self.reason}”"


@frozen
class DecisionPlan:
    """The plan of an import of decisions: each once; those already recorded; rows without a
    decision."""

    decisions: tuple[ToRecord, ...]
    already: int
    left: int
    refused: tuple[CellError, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(one.decision for one in self.decisions)
        return {
            **{name: found[name] for name in (*VERDICTS, PRODUCT)},
            "decided already": self.already,
            "left open": self.left,
            "refused": len({(error.sheet, error.cell) for error in self.refused}),
        }


@frozen
class OpenNow:
    """The current state for checking typed decisions: open discrepancies, and current decisions."""

    pairs: Mapping[str, OpenPair]
    products: Products
    holding: frozenset[Held]

    @classmethod
    def of(cls, pairs: Iterable[OpenPair], products: Products, holding: Iterable[Held]) -> OpenNow:
        return cls({one.identity: one for one in pairs}, products, frozenset(holding))


def make_decision_plan(typed: TypedDecisions, now: OpenNow) -> DecisionPlan:
    """The plan for the typed decisions; contradicting ones are all refused."""
    found: list[tuple[TypedDecision, ToRecord]] = []
    refused: list[CellError] = []
    already = 0
    for row in typed.rows:
        try:
            to_record = _checked(row, now)
        except _NotTaken as problem:
            refused += problem.errors
            continue
        if to_record is None:
            already += 1
        else:
            found.append((row, to_record))
    contradicted = dict(_contradictions(found))
    refused += contradicted.values()
    once: dict[Held, ToRecord] = {}
    for row, one in found:
        if row.cell not in contradicted:
            once.setdefault(one.held, one)
    return DecisionPlan(tuple(once.values()), already, typed.left, tuple(refused))


class _NotTaken(Exception):
    """A row whose decision is refused, with the reason."""

    def __init__(self, *errors: CellError) -> None:
        super().__init__(*errors)
        self.errors = errors


def _checked(row: TypedDecision, now: OpenNow) -> ToRecord | None:
    """The decision of a row; None where it is already recorded. Raises ``_NotTaken``."""
    if row.errors:
        raise _NotTaken(*row.errors)
    if not row.key:
        raise _NotTaken(row.error(KEY, "missing", f"the row's key; {_AGAIN}"))
    if row.key.startswith(f"{PRODUCT}|"):
        return _check_product(row, now)
    return _check_pair(row, now)


def _check_pair(row: TypedDecision, now: OpenNow) -> ToRecord | None:
    verdict = fold(row.decision)
    if verdict not in VERDICTS:
        near = get_close_matches(verdict, VERDICTS, n=1)
        expected = "accept, reject or ignore"
        raise _NotTaken(row.error(DECISION, "no decision", expected, near[0] if near else None))
    identity = row.key.rpartition(" ")[0]
    record, _, other = identity.partition("|")
    if "/" not in record:
        raise _NotTaken(row.error(KEY, "no key of a row", _AGAIN))
    if verdict != IGNORE and not other:
        raise _NotTaken(row.error(DECISION, "no other record is in this row", "ignore"))
    held = verdict, frozenset({record} if verdict == IGNORE else {record, other})
    is_open = now.pairs.get(identity)
    if is_open is None and held in now.holding:
        return None
    if is_open is None:
        raise _NotTaken(row.error(DECISION, "it is no longer open as it was shown", _AGAIN))
    if is_open.key != row.key:
        message = f"it has changed since: now {is_open.label!r}, {is_open.outcome}"
        message += f", could be {is_open.other_label!r}" if is_open.other else ""
        raise _NotTaken(row.error(DECISION, message, _AGAIN))
    _check_reason(row)
    new_decision = NewDecision(is_open.pair(verdict), verdict, row.reason)
    return ToRecord(row.cell, verdict, is_open.description(verdict), row.reason, held, new_decision)


def _check_product(row: TypedDecision, now: OpenNow) -> ToRecord | None:
    question = _question(row.key)
    query = now.products.query(question) if question else None
    if question is None or query is None:
        raise _NotTaken(row.error(KEY, "no template and location that are linked", _AGAIN))
    is_open = now.products.row(query)
    try:
        chosen = product_decision(question, now.products.reference, row.decision, row.reason)
    except UsageRefused as refusal:
        codes = [one.code for one in is_open.candidates] if is_open else []
        near = KnownNames.of(COURSE_TEMPLATE, codes).nearest(row.decision)
        expected = "the code of one of the row's products"
        error = row.error(DECISION, str(refusal), expected, near)
        raise _NotTaken(error) from refusal
    held = product_held(question, str(chosen.object))
    if is_open is None and held in now.holding:
        return None
    if is_open is None:
        message = f"{query} is decided by now, or asks for no decision"
        raise _NotTaken(row.error(DECISION, message, _AGAIN))
    if is_open.key != row.key:
        raise _NotTaken(row.error(DECISION, _changed(is_open), _AGAIN))
    _check_reason(row)
    about = f"{_product_called(now.products, chosen)} for {query}"
    return ToRecord(row.cell, PRODUCT, about, row.reason, held, chosen=chosen)


def product_held(question: Question, product: str) -> Held:
    """A product choice in the form compared with a typed one."""
    return PRODUCT, frozenset({_about(question), product})


def _about(question: Question) -> str:
    return "|".join((question.template, question.sitting, question.location))


def _question(key: str) -> Question | None:
    parts = key.rpartition(" ")[0].split("|")
    return Question(*parts[1:]) if len(parts) == 4 else None


def _changed(row: OpenProduct) -> str:
    products = ", ".join(one.code for one in row.candidates)
    return f"it has changed since: {row.query} could be {products} now"


def _product_called(products: Products, chosen: DecisionTaken) -> str:
    named = str(chosen.object).rpartition("/")[2]
    return next(one.code for one in products.reference.products if str(one.id) == named)


def _check_reason(row: TypedDecision) -> None:
    if is_blank(row.reason):
        raise _NotTaken(row.error(REASON, "missing", "why: it is kept in the ledger"))
    if len(row.reason) > _LONGEST_REASON:
        most = f"at most {_LONGEST_REASON} characters"
        raise _NotTaken(row.error(REASON, "too long", most))


def _contradictions(
    found: list[tuple[TypedDecision, ToRecord]],
) -> Iterator[tuple[str, CellError]]:
    """The cells whose decision contradicts another row's, each with that row's cell."""
    claims: dict[str, list[tuple[TypedDecision, Held]]] = defaultdict(list)
    for row, one in found:
        for claim in _claims(one.held):
            claims[claim].append((row, one.held))
    for claimed in claims.values():
        for row, held in claimed:
            other = next((at.cell for at, than in claimed if than != held), None)
            if other is not None:
                yield row.cell, row.error(DECISION, f"{other} says otherwise", "one of the two")


def _claims(held: Held) -> list[str]:
    """The subjects of a decision: its records, one by one, and its pair; or its question."""
    verdict, about = held
    if verdict == PRODUCT:
        return [name for name in about if "|" in name]
    pair = " ".join(sorted(about))
    return [pair] if verdict == REJECT else [*about, pair]
