"""Open discrepancies in words, for the report of a sync and the list of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.output.visible import shortened
from ledger.output.words import several
from sync.decide.discrepancies import Discrepancy, Offered
from sync.entity import Entity

# How many discrepancies of a step are listed; `admsync discrepancies` has all of them.
LISTED = 20
_NAMED = 3
_LONGEST = 200  # characters of a name


def discrepancy_lines(
    entity: Entity, found: Sequence[Discrepancy], most: int = LISTED
) -> list[str]:
    """The discrepancies of an entity by outcome, new ones first."""
    lines = []
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
        lines += [f"    {_line(one, several=since != '')}" for one in groups[:most]]
        if len(groups) > most:
            left = sum(map(len, groups[most:]))
            lines.append(f"    … and {left} more: admsync discrepancies")
    return lines


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


def _line(namesakes: Sequence[Discrepancy], *, several: bool) -> str:
    discrepancy = namesakes[0]
    parts = [f"{'new: ' if several and discrepancy.new else ''}{_named(namesakes)}"]
    if discrepancy.outcome == "ambiguous":
        parts.append(f"could be any of {_any_of(discrepancy)}")
    elif discrepancy.outcome == "linked":
        other, *before = discrepancy.candidates
        told = f", not with {', '.join(before)}" if before else ""
        parts.append(f"with {other}{told}: {discrepancy.reason}")
    elif discrepancy.reason != "no equal record on the other side":
        parts.append(discrepancy.reason)
    parts += _offers(discrepancy)
    return "     ".join(parts[:2]) + "".join(f" {part}" for part in parts[2:])


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


def _offers(discrepancy: Discrepancy) -> Iterator[str]:
    """The record that was meant, or the candidates, those as near as each other as such."""
    if discrepancy.suggestion is not None:
        meant = discrepancy.offered[0]
        yield f"did you mean '{shortened(meant.name)}'? {meant.score:.2f}"
        yield f"({'; '.join(evidence_for(meant))})"
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
