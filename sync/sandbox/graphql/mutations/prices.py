"""Prices on events and course templates: one for each price level and currency (and region)."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from attrs import frozen

from sync.sandbox.graphql.call import Arguments, Call, Made, Mutation, refuse
from sync.sandbox.graphql.mutations.inputs import found
from sync.sandbox.records.kinds import (
    COURSE_TEMPLATE,
    CURRENCY,
    EVENT,
    EVENT_PRICE,
    PRICE_LEVEL,
    PUBLIC_PRICE,
    REGION,
    Kind,
)
from sync.sandbox.records.store import Record


@frozen
class Priced:
    """What carries prices: its input key, the kinds of owner and price, what makes one unique."""

    reference: str
    owner: Kind
    price: Kind
    unique: tuple[str, ...]


ON_EVENT = Priced("eventId", EVENT, EVENT_PRICE, ("priceLevelId", "financialUnitId"))
ON_TEMPLATE = Priced(
    "courseTemplateId",
    COURSE_TEMPLATE,
    PUBLIC_PRICE,
    ("regionId", "priceLevelId", "financialUnitId"),
)


def _first(call: Call, kind: Kind) -> str:
    identifier: str = call.store.select(kind, "ORDER BY number LIMIT 1")[0]["id"]
    return identifier


def _price(call: Call, priced: Priced, owner: Record, given: Arguments) -> Record:
    if Decimal(given["amount"]) <= 0:
        raise refuse("The amount must be positive", "amount", given["amount"])
    unit = given.get("financialUnitId") or _first(call, CURRENCY)
    region = given.get("regionId") or owner.get("regionId") or _first(call, REGION)
    return {
        priced.reference: owner["id"],
        "amount": given["amount"],
        "priceLevelId": found(call, PRICE_LEVEL, given["priceLevelId"], "priceLevelId")["id"],
        "financialUnitId": found(call, CURRENCY, unit, "financialUnitId")["id"],
        "regionId": found(call, REGION, region, "regionId")["id"],
    }


def _add(priced: Priced, call: Call, given: list[Arguments]) -> Made:
    """All the prices or, where one is refused, none."""
    made = []
    for one in given:
        owner = found(call, priced.owner, one[priced.reference], priced.reference)
        price = _price(call, priced, owner, one)
        for other in call.store.children(priced.price, owner["id"]):
            if all(other[name] == price[name] for name in priced.unique):
                raise refuse("There is a price for this level and currency", "priceLevelId")
        made.append(call.store.insert(priced.price, price))
    return Made(made)


add_to_event: Mutation = partial(_add, ON_EVENT)
add_to_template: Mutation = partial(_add, ON_TEMPLATE)
