"""Custom fields: what is defined for each entity, the values, and what a value must look like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from attrs import frozen

from sync.sandbox.graphql.call import Call, Problem, Refused
from sync.sandbox.records.kinds import CUSTOM_FIELD
from sync.sandbox.records.store import Record, Store

Values = dict[str, str | None]


def definitions(store: Store, entity: str) -> list[Record]:
    """The definitions for an entity type, in the order they were made."""
    every = store.select(CUSTOM_FIELD, "ORDER BY number")
    return [definition for definition in every if entity in definition["entityTypes"]]


def shown(record: Record, store: Store, only: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Every definition of the record's type with its value, or those that the filter names."""
    values = record.get("customFields") or {}
    return [
        {
            "definition": definition,
            "definitionKey": definition["key"],
            "definitionLocator": definition["definitionLocator"],
            "mappedValue": values.get(definition["key"]),
            "value": values.get(definition["key"]),
        }
        for definition in definitions(store, record["__typename"])
        if all(definition[name] == wanted for name, wanted in (only or {}).items())
    ]


def _boolean(text: str) -> None:
    if text.casefold() not in ("true", "false"):
        raise ValueError(text)


def _url(text: str) -> None:
    if not text.startswith(("http://", "https://")):
        raise ValueError(text)


@frozen
class Form:
    """What a value of a type has to look like: a check that raises, and the form in words."""

    check: Callable[[str], object]
    words: str


FORMS: Mapping[str, Form] = {
    "checkbox": Form(_boolean, "true or false"),
    "date": Form(date.fromisoformat, "a date, yyyy-MM-dd"),
    "datetime": Form(datetime.fromisoformat, "a time, yyyy-MM-ddTHH:mm:ss"),
    "time": Form(time.fromisoformat, "a time of day, HH:mm:ss"),
    "integer": Form(int, "a whole number"),
    "number": Form(Decimal, "a number"),
    "url": Form(_url, "an http or https address"),
}


def _problem(definition: Record, value: str) -> Problem | None:
    label = definition["label"]
    options = [option["value"] for option in definition.get("options") or ()]
    if options:
        chosen = value.split("|") if definition["type"] == "multichoice" else [value]
        wrong = [one for one in chosen if one not in options]
        return Problem(f"{wrong[0]} is not an option of {label}", label, value) if wrong else None
    form = FORMS.get(definition["type"])
    try:
        if form is not None:
            form.check(value)
    except (ValueError, ArithmeticError):
        return Problem(f"{label} must be {form.words}", label, value) if form else None
    return None


def merged(
    call: Call, entity: str, current: Values, given: Iterable[Mapping[str, Any] | None] | None
) -> Values:
    """The values after those given are set; only they change, and a null or empty one clears.

    Refused where a definition is not one of the entity's, a value does not have its type's form,
    or a required one would be missing.
    """
    known = {definition["key"]: definition for definition in definitions(call.store, entity)}
    values = dict(current)
    problems: list[Problem] = []
    for one in given or ():
        if one is None:
            continue
        key, value = one["definitionKey"], one.get("value")
        if key not in known:
            problems.append(Problem(f"No such custom field on {entity}", "customFieldValues", key))
            continue
        problem = _problem(known[key], value) if value else None
        if problem:
            problems.append(problem)
        values[key] = value or None
    if call.switches.enforce_required:
        problems += [
            Problem(f"{definition['label']} is required", definition["label"])
            for key, definition in known.items()
            if definition["isRequired"] and not values.get(key)
        ]
    if problems:
        raise Refused(*problems)
    return values
