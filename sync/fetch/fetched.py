"""The records of an entity's fetch as bridge rows, and the skipped ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import define, field, frozen

from ledger.values import Value
from sync.administrate.reads.following import latest
from sync.administrate.reads.listings import Refusal
from sync.entity import Entity, Lookups, Observed, Skipped
from sync.fetch.source import Part
from sync.fetch.sources import source_of


@frozen
class Fetched:
    """An observed record as a bridge row; ``page`` is its page's position."""

    observed: Observed
    page: int


@define
class Fetch:
    """All observed records of an entity. ``complete``: the pages contain every list in full.

    ``covered``: of a part of the entity, what the rows that it covers have in the column
    ``covered_by``; ``None`` where it covers the whole. ``seen`` are the ids of Administrate's
    records, each of which may be several rows. ``again``: they were asked for once more.
    ``reached`` is the latest update on the lists that are in the order of updates, as the answer
    says it; ``notes`` are for the report.
    """

    records: dict[str, Fetched] = field(factory=dict)
    skipped: list[Skipped] = field(factory=list)
    complete: bool = True
    why: str = ""
    refused_parts: list[str] = field(factory=list)
    covered: frozenset[Value] | None = None
    covered_by: str = "external_id"
    seen: set[str] = field(factory=set)
    again: bool = False
    reached: str = ""
    notes: list[str] = field(factory=list)

    def covers(self, columns: Mapping[str, Value]) -> bool:
        """Whether the record of a row with these columns is there where this fetch has it."""
        return self.covered is None or columns[self.covered_by] in self.covered

    @property
    def keys(self) -> set[str]:
        """The keys of all observed records, skipped ones included."""
        return self.records.keys() | {item.key for item in self.skipped}

    def absorb(self, other: Fetch) -> None:
        """Adds another list of the same entity."""
        self.records |= other.records
        self.seen |= other.seen
        # A record may be on two lists.
        self.skipped += [one for one in other.skipped if one not in self.skipped]
        self.refused_parts += other.refused_parts
        self.notes += other.notes
        self.reached = self.reached or other.reached
        if not other.complete:
            self.complete, self.why = False, other.why

    def leave_out(self, entity: Entity, part: Part, why: str) -> None:
        """Adds an unreadable list: its rows stay unchanged."""
        if entity.windowed:
            what = f"not permitted to read {entity.many}, kept as they are"
            self.refused_parts.append(part.name)
            self.skipped.append(Skipped(entity.many, f"{what}: {why}"))
            return
        what = f"{entity.many} of type {part.name}: not permitted to read them, kept as they are"
        self.refused_parts.append(part.name)
        self.skipped.append(Skipped(part.name, f"{what}: {why}", entity.part_column, part.name))

    def add(
        self,
        entity: Entity,
        part: Part,
        records: Iterable[Mapping[str, object]],
        page: int,
        lookups: Lookups,
        refused: Iterable[Refusal] = (),
    ) -> None:
        """Adds a page's records, and its refused records."""
        source = source_of(entity)
        self.skipped += [source.refuse(one, part, lookups) for one in refused]
        for record in records:
            self.seen.add(part.listing.id_of(record))
            if part.listing.in_order_of:
                self.reached = latest(self.reached, str(record[part.listing.in_order_of]))
            for item in source.observe(record, part, lookups):
                if isinstance(item, Skipped):
                    self.skipped.append(item)
                else:
                    self.records[item.key] = Fetched(item, page)
