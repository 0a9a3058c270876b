"""Discrepancies: records without a plain link, and what people decide about them."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

import psycopg

from importer.pages.access import Role
from importer.pages.addresses import with_query
from importer.pages.page import Action, Asked, GoTo, Page, View
from importer.pages.views.runs import summary
from ledger.errors import UsageRefused
from ledger.runs.states import find_run
from ledger.store.append import head
from sync.discrepancies.by_person import record_together
from sync.discrepancies.current import MATCHED, open_discrepancies
from sync.discrepancies.discrepancy import Discrepancy, Offered
from sync.discrepancies.listed import once_a_pair
from sync.discrepancies.waiting import read_waiting
from sync.entity import Entity
from sync.missing.answers import missing_records
from sync.missing.create import CREATIONS
from sync.reports.discrepancy_lines import evidence_for

A_PAGE = 50
_SUGGESTED = "suggested"
_DECISIONS = ("accept", "reject", "ignore")


def discrepancies(asked: Asked) -> Page:
    """An entity's open discrepancies, a row a pair, of one outcome where one is given."""
    entity, outcome = _entity(asked.given("entity")), asked.given("outcome")
    number, decided = asked.number("page") or 1, asked.given("decided")
    with asked.site.database.driver_transaction() as connection:
        counts = _counts(connection)
        entity = entity or next((one for one in MATCHED if counts[one.name]), MATCHED[0])
        seen = _first_seen(connection, entity)
        position, _ = head(connection)
        listed = asked.site.listed.of(
            (entity.name, position), partial(open_discrepancies, connection, entity)
        )
    found = list(once_a_pair(listed))
    found.sort(key=lambda one: one.suggestion is None)
    chosen = [one for one in found if outcome in ("", *_facets_of(one))]
    shown = chosen[(number - 1) * A_PAGE : number * A_PAGE]
    here = {"entity": entity.name, "outcome": outcome}
    content = {
        "entity": entity.name,
        "one": entity.one,
        "many": entity.many,
        "entities": [
            {"name": one.name, "title": one.title, "open": counts[one.name]} for one in MATCHED
        ],
        "creatable": entity.creatable,
        "outcome": outcome,
        "outcomes": Counter(facet for one in found for facet in _facets_of(one)),
        "discrepancies": [_told(entity, one, seen.get(one.record)) for one in shown],
        "decided": summary(find_run(asked.site.database, decided)) if decided else None,
        "back": number > 1 and with_query("/discrepancies", **here, page=number - 1),
        "on": number * A_PAGE < len(chosen)
        and with_query("/discrepancies", **here, page=number + 1),
    }
    return Page("discrepancies", "Discrepancies", content)


def decide(asked: Asked) -> GoTo:
    """Accepts, rejects or ignores what is ticked, all or none, for one reason."""
    decision = asked.typed("decision")
    if decision not in _DECISIONS:
        raise UsageRefused(f"{decision!r} is no decision; expected {', '.join(_DECISIONS)}")
    given = asked.ticked("pair")
    if not given:
        raise UsageRefused("no pair is chosen; tick one or more")
    pairs = [_pair(one, decision) for one in given]
    until = asked.day("until") if decision == "ignore" else None
    done = record_together(asked.ledger, decision, pairs, asked.typed("reason"), until)
    entity = "".join(asked.ticked("entity")[:1])
    return GoTo(with_query("/discrepancies", entity=entity, decided=done.run_id))


def to_create(asked: Asked) -> GoTo:
    """Shows what creating the ticked records in Administrate would do."""
    given = asked.ticked("pair")
    if not given:
        raise UsageRefused("no record is chosen; tick one or more")
    records = [one for each in given for one in _records_in(each) if not one.startswith("adm.")]
    return GoTo(with_query("/discrepancies/create", record=tuple(records)))


def pair_value(*records: str) -> str:
    """Records as one value of a form."""
    return "&".join(quote(one, safe="") for one in records)


def _pair(value: str, decision: str) -> tuple[str, ...]:
    """The records of a form's value; of one that is ignored, the first."""
    records = _records_in(value)
    if decision == "ignore":
        return records[:1]
    if len(records) != 2:
        raise UsageRefused(f"choose whom {records[0] if records else 'it'} is meant to be")
    return records


def _records_in(value: str) -> tuple[str, ...]:
    return tuple(unquote(one) for one in value.split("&") if one)


def _entity(name: str) -> Entity | None:
    if not name:
        return None
    found = next((one for one in MATCHED if one.name == name), None)
    if found is None:
        raise UsageRefused(f"no entity {name!r}; expected {', '.join(one.name for one in MATCHED)}")
    return found


def _counts(connection: psycopg.Connection[Any]) -> Counter[str]:
    """How many are open of each entity."""
    waiting = read_waiting(connection).discrepancies
    return Counter({one.entity.name: one.count for one in waiting})


def _first_seen(connection: psycopg.Connection[Any], entity: Entity) -> dict[str, Any]:
    rows = connection.execute(
        "SELECT record, first_seen FROM ledger.discrepancies WHERE bridge_table = %s",
        (entity.table.fullname,),
    )
    return dict(rows.fetchall())


def _facets_of(one: Discrepancy) -> tuple[str, ...]:
    return (one.outcome, _SUGGESTED) if one.suggestion is not None else (one.outcome,)


def _told(entity: Entity, one: Discrepancy, first_seen: Any) -> dict[str, object]:
    offered = [_candidate(one, other) for other in one.offered]
    named = {str(other["record"]) for other in offered}
    equal = zip(one.candidate_records, one.candidates, strict=False)
    return {
        "record": one.record,
        "label": one.label,
        "system": "Administrate" if one.side == "administrate" else "Tutorial tables",
        "outcome": one.outcome,
        "reason": one.reason,
        "first_seen": first_seen,
        "suggested": one.suggestion is not None,
        "alone": pair_value(one.record),
        "candidates": [
            *offered,
            *(
                {
                    "record": record,
                    "name": name,
                    "score": None,
                    "evidence": [],
                    "pair": pair_value(one.record, record),
                }
                for record, name in equal
                if record not in named and _is_other_side(one.record, record)
            ),
        ],
        "candidate_count": one.candidate_count,
        "can_create": any(each.creatable for each in missing_records({entity: [one]}, CREATIONS)),
    }


def _is_other_side(one: str, other: str) -> bool:
    return one.partition(".")[0] != other.partition(".")[0]


def _candidate(one: Discrepancy, other: Offered) -> dict[str, object]:
    return {
        "record": other.record,
        "name": other.name,
        "score": other.score,
        "evidence": list(evidence_for(other)),
        "pair": pair_value(one.record, other.record),
    }


VIEWS = (View("/discrepancies", discrepancies),)
ACTIONS = (
    Action("/discrepancies/decide", decide, Role.DECIDER),
    Action("/discrepancies/to-create", to_create, Role.OPERATOR),
)
