"""The sandbox's schema has nothing that the published one has not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    build_schema,
    introspection_from_schema,
    is_required_input_field,
)
from graphql.utilities.print_schema import print_input_value

from sync.sandbox.graphql.schema import DISPUTED, schema, sdl

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
PUBLISHED = [path for path in [SHARED / "administrate-core.introspection.json"] if path.exists()]


def arguments(given: GraphQLField) -> dict[str, str]:
    """Each argument with its type and default, as the schema language writes them."""
    return {name: print_input_value(name, argument) for name, argument in given.args.items()}


def surplus(ours: GraphQLSchema, published: GraphQLSchema) -> list[str]:
    """Whatever ours has that the published one lacks or has with another type."""
    found = []
    for name, mine in ours.type_map.items():
        theirs = published.type_map.get(name)
        if type(theirs) is not type(mine):
            found.append(name)
        elif isinstance(mine, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
            found += [f"{name}.{value}" for value in mine.values if value not in theirs.values]
        elif isinstance(mine, GraphQLInputObjectType) and isinstance(
            theirs, GraphQLInputObjectType
        ):
            for field, given in mine.fields.items():
                if field not in theirs.fields or str(theirs.fields[field].type) != str(given.type):
                    found.append(f"{name}.{field}")
            found += [
                f"{name} without {field}"
                for field, needed in theirs.fields.items()
                if is_required_input_field(needed) and field not in mine.fields
            ]
        elif isinstance(mine, GraphQLObjectType | GraphQLInterfaceType) and isinstance(
            theirs, GraphQLObjectType | GraphQLInterfaceType
        ):
            known = {one.name for one in theirs.interfaces}
            found += [
                f"{name} is no {one.name}" for one in mine.interfaces if one.name not in known
            ]
            for field, own in mine.fields.items():
                other = theirs.fields.get(field)
                if other is None or str(other.type) != str(own.type):
                    found.append(f"{name}.{field}")
                elif not arguments(own).items() <= arguments(other).items():
                    found.append(f"{name}.{field}()")
    return found


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.name)
def test_all_of_it_is_in_the_published_schema_with_the_same_type(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    published = build_client_schema(content.get("data", content))
    assert surplus(schema(), published) == []


def test_the_comparison_finds_what_is_only_in_one() -> None:
    grown = build_schema(
        sdl()
        .replace("hello: String!", "hello: String\n  invented(value: Int): Int")
        .replace("venues: VenueConnection!", "venues: VenueConnection")
        .replace("  notin\n", "  notin\n  near\n")
    )
    assert {"Query.hello", "Query.invented", "FilterOperation.near"} <= set(
        surplus(grown, schema())
    )


def test_what_is_disputed_is_there_only_where_it_is_switched_on() -> None:
    added = surplus(schema(frozenset(DISPUTED)), schema())
    assert sorted(added) == [
        "CurrencyField.isActive",
        "Session.event",
        "SessionDeleteInput",
        "SessionMutations.delete",
    ]


def test_the_schema_can_be_introspected() -> None:
    fetched = build_client_schema(introspection_from_schema(schema()))
    assert surplus(fetched, schema()) == []


def test_every_connection_can_be_paged_filtered_and_ordered() -> None:
    for type_ in schema().type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                if str(field.type).endswith("Connection!") and name != "nodesByExternalId":
                    paged = {"filters", "order", "first", "offset", "after", "orderBy"}
                    assert set(field.args) == paged, f"{type_.name}.{name}"
