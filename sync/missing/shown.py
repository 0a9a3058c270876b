"""What is to be created in Administrate, in the form in which every plan is shown."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.output.plans import ADMINISTRATE, Effect, PlannedItem, ShownPlan
from ledger.output.words import counted
from sync.missing.answers import second_look
from sync.missing.decide import Creation


def creation_plan(creations: Sequence[Creation]) -> ShownPlan:
    """The plan of creating records that a person agreed to one by one, or named."""
    entities = dict.fromkeys(one.missing.entity for one in creations)
    effects = tuple(
        Effect(ADMINISTRATE, sum(c.missing.entity is one for c in creations), one.one, "created")
        for one in entities
    )
    return ShownPlan(
        f"{counted(len(creations), 'record')} to create in Administrate, then linked.",
        effects,
        tuple(map(_item, creations)),
        irreversible=("what is created stays in Administrate; the API deletes none of it",),
    )


def _item(one: Creation) -> PlannedItem:
    look = second_look(one.missing)
    return PlannedItem(
        f"{one.missing.entity.one} {one.missing.label!r}",
        f"created in {one.place}" if one.place else "created",
        notes=(look,) if look else (),
    )
