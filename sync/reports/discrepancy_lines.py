"""Open discrepancies in words, for the report of a sync and the list of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence, Set

from ledger.history.reasons import sentence_of
from ledger.output.visible import shortened
from ledger.output.words import age, local_time, several
from sync.discrepancies.discrepancy import Discrepancy, Offered
from sync.discrepancies.listed import ListedDiscrepancy, once_a_pair
from sync.entity import Entity

# How many discrepancies of a step are listed; `admsync discrepancies` has all of them.
LISTED = 20
NONE_EQUAL = sentence_of("none-equal")
_NAMED = 3
_LONGEST = 200  # characters of a name


def discrepancy_lines(
    entity: Entity, found: Sequence[Discrepancy], most: int = LISTED
) -> list[str]:
    """The discrepancies of an entity by outcome, new ones first."""
    lines = []
    meant: set[tuple[str, str | None]] = set()
    for side, outcome, heading in (
        ("tutorial", "unmatched", "tutorial {one} has no match in Administrate"),
        ("administrate", "unmatched", "Administrate {one} has no match in the tutorial tables"),
        ("tutorial", "ambiguous", "tutorial {one} is ambiguous"),
        ("administrate", "ambiguous", "Administrate {one} is ambiguous"),
        ("administrate", "linked", "link of {one} should be looked at"),
    ):
        mine = [one for one in found if one.side == side and one.outcome == outcome]
        if not mine:
            continue
        told = heading.format(one=entity.one)
        if len(mine) > 1:
            told = told.replace(entity.one, entity.many).replace(" has ", " have ")
            told = told.replace(" is ", " are ").replace("link of", "links of")
        new = sum(one.new for one in mine)
        since = "" if new in (0, len(mine)) else f", {new} of them new"
        lines.append(f"⚠ {len(mine)} {told}{since}:")
        groups = _groups(mine)
        for group in groups[:most]:
            lines.append(f"    {_line(group, several=since != '', told_above=meant)}")
            meant |= {(one.record, one.suggested_record) for one in group}
        if len(groups) > most:
            left = sum(map(len, groups[most:]))
            lines.append(f"    … and {left} more: admsync discrepancies")
    return lines


def new_in_words(new: int, of: int) -> str:
    """How many of some discrepancies the last sync saw first."""
    return ", all new" if new == of > 1 else f", {new} of them new" if new else ""


_WHERE = ("Tutorial tables", "Administrate")
LISTED_COLUMNS = (*_WHERE, "Score", "Open for", "First seen", "Why", "Decide")


def listed_rows(
    found: Sequence[ListedDiscrepancy], *, creatable: bool
) -> Iterator[tuple[str, ...]]:
    """The open discrepancies of an entity, a row a pair, under ``LISTED_COLUMNS``."""
    by_record = {one.discrepancy.record: one for one in found}
    for group in _groups(list(once_a_pair([one.discrepancy for one in found]))):
        first = group[0]
        own, other = _named(group), _other(first)
        if len(group) == 1 and not own.endswith(_key(first)):
            own = f"{own} {_key(first)}"
        tutorial, administrate = (own, other) if first.side == "tutorial" else (other, own)
        since = by_record[first.record]
        yield (
            tutorial,
            administrate,
            "" if first.score is None else f"{first.score:.2f}",
            "" if since.age is None else f"{age(since.age)}{', new' if first.new else ''}",
            local_time(since.first_seen),
            "; ".join(_why(first)),
            shlex.join(["admsync", "discrepancies", *command_for(first, creatable=creatable)]),
        )


def command_for(one: Discrepancy, *, creatable: bool) -> list[str]:
    """What to type about a discrepancy, behind ``admsync discrepancies``; the reason is a person's.
    ``creatable``: Administrate can be made to have what only the tutorial tables have."""
    table = one.record.partition("/")[0]
    across = [other for other in one.candidate_records if other.partition("/")[0] != table]
    likely = [other.record for other in one.offered] or across
    if likely:
        return ["accept", one.record, likely[0], "--reason"]
    if one.side == "tutorial" and creatable:
        return ["decide"]
    return ["ignore", one.record, "--reason"]


def _other(one: Discrepancy) -> str:
    """The other side's half of a pair, with its key."""
    if one.suggested_record is None:
        return {"unmatched": "(none)", "ambiguous": "(several)"}.get(one.outcome, "")
    return f"{shortened(one.suggestion or '', _LONGEST)} ({one.suggested_record.partition('/')[2]})"


def _why(one: Discrepancy) -> Iterator[str]:
    if one.outcome == "ambiguous":
        yield f"could be any of {_any_of(one)}"
    elif one.outcome == "linked":
        yield f"linked with {', not with '.join(one.candidates)}: {one.reason}"
    elif one.suggestion is None or one.reason != NONE_EQUAL:
        yield one.reason
    if one.suggestion is not None:
        yield from evidence_for(one.offered[0])
    elif one.offered:
        yield " ".join(_offers(one))


def _groups(found: Sequence[Discrepancy]) -> list[list[Discrepancy]]:
    """Namesakes of which the same is to be said, together."""
    groups: dict[object, list[Discrepancy]] = {}
    for one in found:
        name = one.label.removesuffix(_key(one)).strip().casefold()
        offered = tuple(other.record for other in one.offered)
        table = one.record.partition("/")[0]
        # Of its own side each has all but itself.
        across = tuple(other for other in one.candidate_records if other.partition("/")[0] != table)
        apart = one.record if one.outcome == "linked" else None
        said = (name, one.reason, one.new, offered, across, one.candidate_count, apart)
        groups.setdefault(said, []).append(one)
    return list(groups.values())


def _line(
    namesakes: Sequence[Discrepancy], *, several: bool, told_above: Set[tuple[str, str | None]]
) -> str:
    """A line of a report. The evidence for a pair is told with the first of the two."""
    discrepancy = namesakes[0]
    parts = [f"{'new: ' if several and discrepancy.new else ''}{_named(namesakes)}"]
    if discrepancy.outcome == "ambiguous":
        parts.append(f"could be any of {_any_of(discrepancy)}")
    elif discrepancy.outcome == "linked":
        other, *before = discrepancy.candidates
        told = f", not with {', '.join(before)}" if before else ""
        parts.append(f"with {other}{told}: {discrepancy.reason}")
    elif discrepancy.reason != NONE_EQUAL:
        parts.append(discrepancy.reason)
    above = (discrepancy.suggested_record, discrepancy.record) in told_above
    if offers := " ".join(_offers(discrepancy, evidence=not above)):
        parts.append(offers)
    return f"{parts[0]}     {'; '.join(parts[1:])}" if parts[1:] else parts[0]


def _named(namesakes: Sequence[Discrepancy]) -> str:
    """Up to three of them, and how many more."""
    first, *others = namesakes
    if not others:
        return shortened(first.label, _LONGEST)
    label = shortened(first.label.removesuffix(_key(first)).strip(), _LONGEST)
    keys = ", ".join(_key(one) for one in namesakes[:_NAMED])
    more = f" and {len(namesakes) - _NAMED} more" if len(namesakes) > _NAMED else ""
    return f"{len(namesakes)} called {label}: {keys}{more}"


def _key(one: Discrepancy) -> str:
    return f"({one.record.partition('/')[2]})"


def _any_of(discrepancy: Discrepancy) -> str:
    told = [shortened(one, _LONGEST) for one in discrepancy.candidates[:_NAMED]]
    if discrepancy.candidate_count <= _NAMED:
        return ", ".join(told)
    return f"{', '.join(told)} and {discrepancy.candidate_count - len(told)} more"


def _offers(discrepancy: Discrepancy, *, evidence: bool = True) -> Iterator[str]:
    """The record that was meant, or the candidates, those as near as each other as such."""
    if discrepancy.suggestion is not None:
        meant = discrepancy.offered[0]
        yield f"did you mean '{shortened(meant.name)}'? {meant.score:.2f}"
        yield f"({'; '.join(evidence_for(meant)) if evidence else 'as above'})"
        return
    if not discrepancy.offered:
        return
    told = [
        f"'{shortened(one.name)}' {one.score:.2f} ({'; '.join(evidence_for(one))})"
        for one in discrepancy.offered[:_NAMED]
    ]
    best = discrepancy.offered[0]
    tied = [one for one in discrepancy.offered if one.tied and one.score == best.score]
    as_near = f", the first {len(tied)} as near as each other" if tied else ""
    yield f"{several(len(told), 'candidate')}{as_near}:"
    yield "; ".join(told)


def evidence_for(offered: Offered) -> Iterator[str]:
    """The evidence for a candidate, the change that would link it, and the evidence against."""
    yield offered.cause
    if offered.change is not None:
        yield offered.change
    if offered.also_best_of:
        others = ", ".join(shortened(one, _LONGEST) for one in offered.also_best_of)
        yield f"also the best candidate of {others}"
    if offered.decided_like:
        yield f"accepted {offered.accepted_like} of {offered.decided_like} like this"
    if offered.review:
        yield "rejected when they were called otherwise"
