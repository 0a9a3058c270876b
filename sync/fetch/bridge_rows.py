"""Maps a record of Administrate to its bridge row, entity by entity."""

from __future__ import annotations

from decimal import Decimal

from ledger.values import Fields, Personal, Value
from sync.administrate.reads.listings import Record, Refusal, nodes
from sync.entity import Lookups, Observed, Skipped
from sync.fetch.source import Part

# adm.course_template_price_levels.amount is numeric(10, 2).
_LARGEST_AMOUNT = Decimal(10) ** 8
_PENNY = Decimal("0.01")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _person(value: object) -> Value:
    return None if value is None else Personal(str(value))


def _single(record: Record, **fields: Value) -> list[Observed]:
    return [Observed(str(record["id"]), {"external_id": str(record["id"]), **fields})]


def custom_field(record: Record, part: Part, _lookups: Lookups) -> list[Observed]:
    """A definition for one entity type: it may serve several."""
    key = str(record["key"])
    fields: Fields = {
        "external_id": key,
        "label": _text(record["label"]),
        "field_type": _text(record["type"]),
        "description": _text(record.get("description")),
        "is_required": bool(record["isRequired"]),
        "roles": list(record["roles"] or []),
        "entity_type": part.name,
    }
    # One definition may serve several types.
    return [Observed(f"{part.name}:{key}", fields)]


def refused_custom_field(refusal: Refusal, part: Part, _lookups: Lookups) -> Skipped:
    """A refused definition: it may have rows for its other entity types."""
    return Skipped(f"{part.name}:{refusal.id}", refusal.why)


def price_level(record: Record, _part: Part, _lookups: Lookups) -> list[Observed]:
    """A price level."""
    return _single(record, name=_text(record["name"]), description=_text(record.get("description")))


def location(record: Record, _part: Part, _lookups: Lookups) -> list[Observed]:
    """A location."""
    return _single(
        record,
        legacy_id=_text(record["legacyId"]),
        name=_text(record["name"]),
        code=_text(record.get("code")),
    )


def venue(record: Record, _part: Part, lookups: Lookups) -> list[Observed]:
    """A venue, in its location."""
    location = str(record["location"]["id"])
    known = location in lookups["adm.locations"]
    return _single(
        record,
        name=_text(record["name"]),
        description=_text(record.get("description")),
        # A location added since the last sync of locations is found after the next one.
        location_id=location if known else None,
    )


def instructor(record: Record, _part: Part, _lookups: Lookups) -> list[Observed]:
    """A contact with the role of an instructor."""
    name = record.get("personalName") or {}
    return _single(
        record,
        legacy_id=_text(record["legacyId"]),
        first_name=_person(name.get("firstName")),
        last_name=_person(name.get("lastName")),
        is_active=not record["hasLeftCompany"],
    )


def course_template(record: Record, _part: Part, _lookups: Lookups) -> list[Observed]:
    """A course template, with the values of its custom fields."""
    values = {v["definitionKey"]: v.get("value") for v in record["customFieldValues"]}
    return _single(
        record,
        code=_text(record["code"]),
        title=_text(record["title"]),
        event_learning_mode=_text(record.get("eventLearningMode")),
        custom_fields=values,
    )


def prices(record: Record, _part: Part, lookups: Lookups) -> list[Observed | Skipped]:
    """The public prices of a course template: one a price level, the first by id."""
    template = lookups["adm.course_templates"].get(str(record["id"]))
    found: list[Observed | Skipped] = []
    levels: set[str] = set()
    for price in sorted(nodes(record, "publicPrices"), key=lambda one: str(one["id"])):
        key, level = str(price["id"]), (price["priceLevel"] or {}).get("id")
        value = Decimal(price["amount"])
        if template is None:
            why = "its course template is not synced yet"
        elif level is not None and level not in lookups["adm.pricelevels"]:
            why = "its price level is not synced yet"
        elif level in levels:
            why = "another price of the same template and level, in another region or currency"
        elif abs(value) >= _LARGEST_AMOUNT:
            why = "the amount has more than eight digits before the point"
        elif value != value.quantize(_PENNY):
            why = "the amount has more than two places after the point"
        else:
            fields: Fields = {
                "external_id": key,
                "course_template_id": template,
                "price_level_id": lookups["adm.pricelevels"][level] if level else None,
                "amount": value.quantize(_PENNY),
            }
            found.append(Observed(key, fields))
            levels.add(level or key)
            continue
        found.append(Skipped(key, f"{record['code']}, {price['amount']}: {why}"))
    return found


def refused_price(refusal: Refusal, _part: Part, lookups: Lookups) -> Skipped:
    """A refused price, or a course template with all its prices."""
    if refusal.owner is not None:
        return Skipped(refusal.id, f"a price of course template {refusal.owner}: {refusal.why}")
    why = f"a course template: {refusal.why}"
    template = lookups["adm.course_templates"].get(refusal.id)
    if template is None:
        return Skipped(refusal.id, why)
    return Skipped(refusal.id, why, "course_template_id", template)
