"""Turns a matching into events: MatchDecided for changed links, MatchesReaffirmed for unchanged
ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from ledger.events import (
    MatchDecided,
    MatchesReaffirmed,
    TutorialRecordLeft,
    TutorialRecordUnmatched,
    record_name,
)
from ledger.schema.column_values import column_value
from ledger.store.entries import Entry
from sync.decide.current_state import BridgeRow, CurrentState, Open
from sync.decide.scopes import scope_of
from sync.entity import Entity
from sync.matching.explanation import evidence_of, explain
from sync.matching.keys import Id, Link, Record, Side
from sync.matching.match import Matching, match
from sync.matching.outcomes import MOST_NAMED, Kind, Outcome

if TYPE_CHECKING:
    # A command that only reads decides without the client.
    from sync.fetch.fetched import Fetch

GONE = "gone"
# Tutorial records have no pages; they are reaffirmed in groups of an Administrate page's size.
_PAGE = 100


@frozen
class LiveRow:
    """A bridge row as it will be after the sync: its record, and the page it was last observed
    on."""

    row: BridgeRow
    record: Record
    page: int | None


def live_record(
    entity: Entity, key: str, columns: Mapping[str, object], current: CurrentState
) -> Record:
    """A bridge row's record as input of matching."""
    scope = scope_of(entity, columns, current.scopes)
    code = columns.get("code")
    if entity.windowed and isinstance(code, str) and code.casefold() in current.tutorial_keys:
        return Record(key, (code,), scope)
    return Record(key, tuple(str(columns[name] or "") for name in entity.key_columns), scope)


def live_rows(
    entity: Entity,
    fetch: Fetch,
    current: CurrentState,
    removed: Collection[str],
    new: Mapping[str, int],
) -> list[LiveRow]:
    """The rows after a fetch is applied, as input of matching, with their pages; rows whose record
    is gone are left out, and those that the fetch of a windowed entity did not cover. ``new`` are
    the primary keys assigned to rows to insert."""
    live = []
    for key, fetched in fetch.records.items():
        row = current.rows.get(key) or BridgeRow(new[key], key, {}, None)
        observed = {**fetched.observed.fields, **fetched.observed.beside}
        columns = {name: column_value(value) for name, value in observed.items()}
        record = live_record(entity, key, columns, current)
        live.append(LiveRow(row, record, fetched.page))
    for key, row in () if entity.windowed else current.rows.items():
        if key not in fetch.records and key not in removed and not row.gone:
            record = live_record(entity, key, row.columns, current)
            live.append(LiveRow(row, record, None))
    return live


def decide(entity: Entity, live: Iterable[LiveRow], current: CurrentState) -> Matching | None:
    """The matching of an entity; ``None`` for one without a tutorial side."""
    if entity.tutorial is None:
        return None
    rows = list(live)
    links = [Link(one.record.id, one.row.link) for one in rows if one.row.link is not None]
    adopted = [Link(key, tutorial) for key, tutorial in current.adopted.items()]
    return match(
        entity.tutorial.rule,
        [one.record for one in rows],
        current.tutorial,
        current.decisions,
        links,
        adopted,
        # An adopted link is evidence, for events, too.
        set(links) - set(adopted) if entity.windowed else (),
    )


def linking_events(
    entity: Entity, live: Iterable[LiveRow], current: CurrentState, matching: Matching
) -> Iterator[Entry]:
    """The changed decisions, then one event a page for all unchanged ones."""
    again: dict[int | None, list[LiveRow]] = defaultdict(list)
    for one in live:
        outcome = matching.outcomes[Side.ADMINISTRATE][one.record.id]
        decided = _decided(entity, one, outcome, current, matching)
        if decided is None:
            again[one.page].append(one)
        else:
            yield Entry(decided, one.page)
    lonely: list[Id] = []
    for record in current.tutorial:
        outcome = matching.outcomes[Side.TUTORIAL][record.id]
        if outcome.kind is Kind.LINKED:
            continue
        unmatched = _unmatched(entity, record, outcome, current, matching)
        if unmatched is None:
            lonely.append(record.id)
        else:
            yield Entry(unmatched)
    yield from _left(entity, current)
    for page, rows in again.items():
        links = (matching.outcomes[Side.ADMINISTRATE][one.record.id].link for one in rows)
        linked = [link.tutorial for link in links if link is not None]
        yield Entry(_reaffirmed(entity, rows, linked), page)
    for start in range(0, len(lonely), _PAGE):
        yield Entry(_reaffirmed(entity, [], lonely[start : start + _PAGE]))


def link_of_gone(entity: Entity, row: BridgeRow) -> MatchDecided | None:
    """The decision that unlinks the row of a deleted record."""
    if entity.tutorial is None:
        return None
    table, rule = entity.tutorial.table, entity.tutorial.rule
    return MatchDecided(
        table=entity.table.fullname,
        key=row.key,
        row_id=row.row_id,
        outcome=Kind.UNMATCHED.value,
        reason=GONE,
        rule=rule.name,
        rule_version=rule.version,
        linked=None,
        before=None if row.link is None else record_name(table, row.link),
    )


def _reaffirmed(
    entity: Entity, rows: Sequence[LiveRow], tutorial_ids: Sequence[Id]
) -> MatchesReaffirmed:
    return MatchesReaffirmed(
        table=entity.table.fullname,
        rule=entity.matched.rule.name,
        rule_version=entity.matched.rule.version,
        keys=tuple(one.row.key for one in rows),
        row_ids=tuple(one.row.row_id for one in rows),
        tutorial_table=entity.matched.table,
        tutorial_ids=tuple(map(int, tutorial_ids)),
    )


def _decided(
    entity: Entity, one: LiveRow, outcome: Outcome, current: CurrentState, matching: Matching
) -> MatchDecided | None:
    side = entity.matched
    name = record_name(entity.table.fullname, one.row.key)
    before = None if one.row.link is None else record_name(side.table, one.row.link)
    linked = None if outcome.link is None else record_name(side.table, outcome.link.tutorial)
    reason, flagged = outcome.cause.value, outcome.flagged
    others, more = outcome.others(Side.ADMINISTRATE, one.record.id)
    candidates = tuple(other for other in _names(entity, others) if other != linked)
    was = current.open.get(name)
    if linked == before and not _differs(was, outcome.kind, reason, candidates, flagged=flagged):
        return None
    return MatchDecided(
        table=entity.table.fullname,
        key=one.row.key,
        row_id=one.row.row_id,
        outcome=outcome.kind.value,
        reason=reason,
        rule=matching.rule.name,
        rule_version=matching.rule.version,
        linked=linked,
        before=before,
        flagged=flagged,
        candidates=candidates,
        more_candidates=more,
        evidence=evidence_of(explain(matching, Side.ADMINISTRATE, one.record.id)),
    )


def _unmatched(
    entity: Entity, record: Record, outcome: Outcome, current: CurrentState, matching: Matching
) -> TutorialRecordUnmatched | None:
    name = record_name(entity.matched.table, record.id)
    reason = outcome.cause.value
    others, more = outcome.others(Side.TUTORIAL, record.id)
    candidates = tuple(_names(entity, others))
    was = current.open.get(name)
    if was is not None and not _differs(was, outcome.kind, reason, candidates, flagged=False):
        return None
    return TutorialRecordUnmatched(
        tutorial=name,
        table=entity.table.fullname,
        outcome=outcome.kind.value,
        reason=reason,
        rule=matching.rule.name,
        rule_version=matching.rule.version,
        candidates=candidates,
        more_candidates=more,
        evidence=evidence_of(explain(matching, Side.TUTORIAL, record.id)),
    )


def _differs(
    was: Open | None, kind: Kind, reason: str, candidates: tuple[str, ...], *, flagged: bool
) -> bool:
    """Whether a decision differs from the current one, which leaves no discrepancy for a plain
    link."""
    if kind is Kind.LINKED and not flagged:
        return was is not None
    return was is None or evolve(was, candidates=_few(was.candidates)) != Open(
        kind.value, reason, candidates
    )


def _few(candidates: tuple[str, ...]) -> tuple[str, ...]:
    """As many of each table as a decision names; older ones named all."""
    tables = groupby(candidates, lambda name: name.partition("/")[0])
    return tuple(name for _, names in tables for name in islice(names, MOST_NAMED))


def _left(entity: Entity, current: CurrentState) -> Iterator[Entry]:
    """The tutorial records with open discrepancies that no longer take part in matching."""
    table = entity.matched.table
    active = {record_name(table, record.id) for record in current.tutorial}
    active |= {record_name(table, one) for one in current.passed_over}
    for name in current.open:
        if name.startswith(f"{table}/") and name not in active:
            yield Entry(TutorialRecordLeft(tutorial=name, table=entity.table.fullname))


def _names(entity: Entity, records: Iterable[tuple[Side, Id]]) -> Iterator[str]:
    for side, named in records:
        table = entity.table.fullname if side is Side.ADMINISTRATE else entity.matched.table
        yield record_name(table, named)
