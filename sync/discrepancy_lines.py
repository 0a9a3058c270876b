"""Open discrepancies in words, for the report of a sync and the list of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.decide.discrepancies import Discrepancy
from sync.entity import Entity

# How many discrepancies of a step are listed; `admsync discrepancies` has all of them.
LISTED = 20


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
        lines += [f"    {_line(one, several=since != '')}" for one in mine[:most]]
        if len(mine) > most:
            lines.append(f"    … and {len(mine) - most} more: admsync discrepancies")
    return lines


def _line(discrepancy: Discrepancy, *, several: bool) -> str:
    parts = [f"{'new: ' if several and discrepancy.new else ''}{discrepancy.label}"]
    if discrepancy.outcome == "ambiguous":
        parts.append(f"could be any of {', '.join(discrepancy.candidates)}")
    elif discrepancy.outcome == "linked":
        other, *before = discrepancy.candidates
        told = f", not with {', '.join(before)}" if before else ""
        parts.append(f"with {other}{told}: {discrepancy.reason}")
    elif discrepancy.reason != "no equal record on the other side":
        parts.append(discrepancy.reason)
    if discrepancy.suggestion is not None and discrepancy.outcome == "unmatched":
        parts.append(f"did you mean '{discrepancy.suggestion}'? {discrepancy.score:.2f}")
        parts.append(f"({'; '.join(_why(discrepancy))})")
    return "     ".join(parts[:2]) + "".join(f" {part}" for part in parts[2:])


def _why(discrepancy: Discrepancy) -> Iterator[str]:
    """The evidence for a suggestion, the change that would link it, and the evidence against."""
    if discrepancy.cause is not None:
        yield discrepancy.cause
    if discrepancy.change is not None:
        yield discrepancy.change
    if discrepancy.also_best_of:
        yield f"also the best candidate of {', '.join(discrepancy.also_best_of)}"
    if discrepancy.review:
        yield "rejected when they were called otherwise"
