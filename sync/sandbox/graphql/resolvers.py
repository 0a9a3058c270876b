"""A resolver for every field of the schema: by its type where fields are alike, else by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ariadne import SchemaBindable
from attrs import asdict
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from sync.sandbox.graphql import queries
from sync.sandbox.graphql.call import Info, Made, Mutation, Refused
from sync.sandbox.graphql.connections import page
from sync.sandbox.graphql.filters import Condition
from sync.sandbox.graphql.mutations.table import MUTATIONS
from sync.sandbox.records.kinds import KINDS, Kind
from sync.sandbox.records.store import Record

Resolver = Callable[..., Any]

#: type and field → the key of the other record's id, where it is not the field's name with ``Id``.
REFERENCES: Mapping[tuple[str, str], str] = {
    ("Event", "defaultTaxType"): "taxTypeId",
    ("Location", "defaultTaxType"): "taxTypeId",
    ("Session", "event"): "parentEventId",
}
APPROVED = (
    "record.id IN (SELECT approved.value FROM record AS template,"
    " json_each(template.body, '$.approvedInstructorIds') AS approved WHERE template.id = ?)"
)
#: type and field → SQL for the records listed there, where they are not those of that parent.
LISTED: Mapping[tuple[str, str], str] = {
    ("Contact", "staff"): "json_extract(record.body, '$.contactId') = ?",
    ("CourseTemplate", "approvedInstructors"): APPROVED,
}


def _one(reference: str, source: Record, info: Info) -> Record | None:
    return info.context.store.get(source.get(reference))


def _many(kind: Kind, where: str, source: Record, info: Info, **arguments: Any) -> Record:
    return page(info.context, kind, arguments, (Condition(where, (source["id"],)),))


def _all(kind: Kind, _: object, info: Info, **arguments: Any) -> Record:
    return page(info.context, kind, arguments)


def _namespace(*_: object) -> Record:
    return {"is": "there"}


def _mutation(path: str, payload: GraphQLField, change: Mutation) -> Resolver:
    """Runs the change in a transaction, which counts it too; a refusal is an answer.

    The entity is the payload's field beside ``errors``; an interface is returned bare.
    """
    type_ = get_named_type(payload.type)
    fields = type_.fields if isinstance(type_, GraphQLObjectType) else {}
    entity = next((name for name in fields if name != "errors"), None)
    lists = entity is not None and is_list_type(get_nullable_type(fields[entity].type))

    def resolve(_: object, info: Info, **arguments: object) -> Any:
        call = info.context
        try:
            with call.store.writing():
                made = change(call, *arguments.values())
                for identifier in made.nodes:
                    call.changed(path, identifier)
        except Refused as refused:
            made = Made([] if lists else None, (), refused.problems)
        if isinstance(type_, GraphQLInterfaceType):
            return made.entity
        problems = [asdict(problem) for problem in made.problems]
        return {"errors": problems, **({entity: made.entity} if entity else {})}

    return resolve


def _kind_listed(type_name: str) -> Kind | None:
    return KINDS.get(type_name.removesuffix("Connection")) if "Connection" in type_name else None


class Resolvers(SchemaBindable):
    """Binds the fields of a schema; KeyError where it has a mutation that ``MUTATIONS`` lacks."""

    def bind_to_schema(self, schema: GraphQLSchema) -> None:
        for type_ in schema.type_map.values():
            if isinstance(type_, GraphQLObjectType) and type_ is not schema.mutation_type:
                for name, field in type_.fields.items():
                    # Types of introspection have resolvers of their own.
                    field.resolve = self._resolver(schema, type_, name, field) or field.resolve
        for namespace, root in schema.mutation_type.fields.items() if schema.mutation_type else ():
            root.resolve = _namespace
            mutations = get_named_type(root.type)
            for name, field in mutations.fields.items():
                path = f"{namespace}.{name}"
                field.resolve = _mutation(path, field, MUTATIONS[path])

    def _resolver(
        self, schema: GraphQLSchema, type_: GraphQLObjectType, name: str, field: GraphQLField
    ) -> Resolver | None:
        if resolve := queries.FIELDS.get((type_.name, name)):
            return resolve
        target = get_named_type(field.type)
        listed = _kind_listed(target.name)
        if type_ is schema.query_type:
            return partial(_all, listed) if listed else queries.ROOT[name]
        if type_.name not in KINDS:
            return None
        if listed:
            where = LISTED.get((type_.name, name), "record.parent = ?")
            return partial(_many, listed, where)
        if _is_kind(schema, target) and not is_list_type(get_nullable_type(field.type)):
            return partial(_one, REFERENCES.get((type_.name, name), f"{name}Id"))
        return queries.ANY_KIND.get(name)


def _is_kind(schema: GraphQLSchema, target: object) -> bool:
    """Whether values of a type are records: a kind's, or an interface of kinds."""
    if isinstance(target, GraphQLInterfaceType):
        return any(one.name in KINDS for one in schema.get_possible_types(target))
    return isinstance(target, GraphQLObjectType) and target.name in KINDS
