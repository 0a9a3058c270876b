"""Histories: any valid sequence of batches about a small pool of bridge rows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from attrs import define, field
from hypothesis import strategies as st

from ledger.events import (
    Event,
    FieldChange,
    MatchDecided,
    MatchesReaffirmed,
    RecordChanged,
    RecordObserved,
    RecordVanished,
)
from ledger.store.entries import Entry
from ledger.values import Personal, Value
from tests.strategies import texts

optional_texts = st.none() | texts
amounts = st.none() | st.decimals(-10_000, 10_000, places=2)
# The columns of four tables, without their keys and links.
FIELDS: dict[str, dict[str, st.SearchStrategy[Value]]] = {
    "adm.locations": {"name": optional_texts, "code": optional_texts},
    "adm.venues": {"name": optional_texts, "location_id": st.just(None)},
    "adm.instructors": {
        "first_name": st.none() | st.builds(Personal, st.none() | texts),
        "is_active": st.none() | st.booleans(),
    },
    "adm.course_template_price_levels": {"amount": amounts},
    "adm.course_templates": {
        "custom_fields": st.none() | st.dictionaries(texts, st.none() | texts | amounts, max_size=2)
    },
}
LINKED = ("adm.locations", "adm.venues", "adm.instructors")
# Tutorial records that links may lead to, by the table that links to them.
TUTORIAL = {table: f"acted.tutorial_{table.removeprefix('adm.')}" for table in LINKED}


@define
class World:
    """The rows that stand, as far as a history must know them to go on validly."""

    rows: dict[tuple[str, str], dict[str, Any]] = field(factory=dict)
    links: dict[tuple[str, str], str | None] = field(factory=dict)
    ids: dict[tuple[str, str], int] = field(factory=dict)
    made: int = 0

    def step(self, draw: st.DrawFn) -> Event:
        """The next event: a first sight, or what happens to a row that stands."""
        table = draw(st.sampled_from(sorted(FIELDS)))
        place = (table, draw(st.sampled_from("abc")))
        if place not in self.rows:
            return self._observed(draw, place)
        happens = [self._changed, self._vanished, self._reaffirmed]
        if table in LINKED:
            happens.append(self._decided)
        return draw(st.sampled_from(happens))(draw, place)

    def _observed(self, draw: st.DrawFn, place: tuple[str, str]) -> Event:
        table, key = place
        fields = draw(st.fixed_dictionaries({}, optional=FIELDS[table]))
        self.made += 1
        self.rows[place], self.ids[place], self.links[place] = fields, self.made, None
        known = {"external_id": key, **fields}
        return RecordObserved(table=table, key=key, row_id=self.made, fields=known)

    def _changed(self, draw: st.DrawFn, place: tuple[str, str]) -> Event:
        table, key = place
        after = draw(st.fixed_dictionaries({}, optional=FIELDS[table]))
        before = self.rows[place]
        changes = {
            name: FieldChange(before=before.get(name), after=value) for name, value in after.items()
        }
        before.update(after)
        return RecordChanged(table=table, key=key, row_id=self.ids[place], changes=changes)

    def _vanished(self, _draw: st.DrawFn, place: tuple[str, str]) -> Event:
        table, key = place
        fields = self.rows.pop(place)
        return RecordVanished(table=table, key=key, row_id=self.ids[place], fields=fields)

    def _decided(self, draw: st.DrawFn, place: tuple[str, str]) -> Event:
        table, key = place
        before = self.links[place]
        records = [f"{TUTORIAL[table]}/{number}" for number in (1, 2, 3)]
        linked = draw(st.none() | st.sampled_from(records))
        self.links[place] = linked
        return MatchDecided(
            table=table,
            key=key,
            row_id=self.ids[place],
            outcome="linked" if linked else "unmatched",
            reason="names equal" if linked else "no name is equal",
            flagged=draw(st.booleans()),
            rule="name",
            rule_version=1,
            linked=linked,
            before=before,
            evidence={"likeness": Decimal("0.91")},
        )

    def _reaffirmed(self, _draw: st.DrawFn, place: tuple[str, str]) -> Event:
        table, _ = place
        standing = [other for other in self.rows if other[0] == table]
        return MatchesReaffirmed(
            table=table,
            rule="name",
            rule_version=1,
            row_ids=tuple(self.ids[other] for other in standing),
            keys=tuple(key for _, key in standing),
        )


@st.composite
def histories(draw: st.DrawFn) -> Sequence[list[Entry]]:
    """Batches of events, each valid after those before it."""
    world = World()
    sizes = draw(st.lists(st.integers(1, 8), min_size=1, max_size=5))
    return [[Entry(world.step(draw)) for _ in range(size)] for size in sizes]
