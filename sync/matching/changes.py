"""The smallest change of a record that would link it to a candidate by the rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen

from ledger.output.visible import shortened
from sync.matching.keys import Id, Key, Record, Side
from sync.matching.match import Matching
from sync.matching.normalise import is_invisible
from sync.matching.traits import differing_traits

_LONGEST_TIDIED = 10_000
SYSTEMS = {Side.ADMINISTRATE: "Administrate", Side.TUTORIAL: "the tutorial tables"}


@frozen
class Change:
    """A new key, or a new scope, for one record of ``side``; ``words`` say where to change what.

    Where nobody can tell which of the two is to be changed, ``words`` name both ways, and this is
    one of them.
    """

    side: Side
    record: Id
    key: Key
    words: str
    scope: Id | None = None


@frozen
class Background:
    """What is known of records beside their fields, by side and id: the name of the place that a
    record lies in, and how many others refer to it."""

    places: Mapping[tuple[Side, Id], str] = field(factory=dict)
    dependents: Mapping[tuple[Side, Id], int] = field(factory=dict)

    def sides_to_change(self, side: Side, record: Record, other: Record) -> tuple[Side, ...]:
        """The side of that record on which less hangs; both, the given one first, where as much
        does."""
        mine, theirs = (
            self.dependents.get((whose, one.id), 0)
            for whose, one in ((side, record), (side.other, other))
        )
        if mine == theirs:
            return side, side.other
        return (side,) if mine < theirs else (side.other,)


def smallest_change(
    matching: Matching, side: Side, record: Record, other: Record, background: Background
) -> Change | None:
    """The change by which the next run would link the two; None where no change of fields would.

    Tidying is tried before rewriting, and the given record (of ``side``) before the other.
    """
    pairs = {side: (record, other), side.other: (other, record)}
    for whose, (mine, theirs) in pairs.items():
        tidied = evolve(mine, key=tuple(map(_tidy, mine.key)))
        if tidied.key != mine.key and _would_link(matching, whose, tidied, theirs):
            words = f"in {SYSTEMS[whose]}: {_tidying(mine.key, tidied.key)}"
            return Change(whose, mine.id, tidied.key, words, tidied.scope)
    rewritten = [
        one
        for whose in background.sides_to_change(side, record, other)
        if (one := _rewritten(matching, whose, *pairs[whose], background)) is not None
    ]
    if not rewritten:
        return None
    return evolve(rewritten[0], words="; or ".join(one.words for one in rewritten))


def _rewritten(
    matching: Matching, whose: Side, mine: Record, theirs: Record, background: Background
) -> Change | None:
    wanted = evolve(mine, key=theirs.key, scope=theirs.scope)
    if not _would_link(matching, whose, wanted, theirs):
        return None
    words = " and ".join(_rewriting(matching.rule.fields, mine.key, theirs.key))
    if mine.scope != theirs.scope and matching.rule.scoped:
        place = background.places.get((whose.other, theirs.id), "the other's place")
        words = f"{words} and move it to {place}" if words else f"move it to {place}"
    told = f"in {SYSTEMS[whose]}: {words}"
    if matching.rule.scoped and mine.scope is None:
        told = f"link its location first; or {told}"
    return Change(whose, mine.id, theirs.key, told, theirs.scope)


def _would_link(matching: Matching, side: Side, changed: Record, other: Record) -> bool:
    """Whether the changed record and the other would be each other's only equal."""
    compared = matching.rule.compared(changed)
    if compared is None or compared != matching.rule.compared(other):
        return False
    effect, records = matching.effect, matching.records
    decided = (side, changed.id) in effect.partner or (side.other, other.id) in effect.partner
    equal = records[side.other].like(compared)
    alone = len(equal) == 1 and equal[0].id == other.id
    first = all(one.id == changed.id for one in records[side].like(compared))
    return not decided and alone and first


def _tidy(text: str) -> str:
    if len(text) > _LONGEST_TIDIED:
        return text
    if not (text.isascii() and text.isprintable()):
        text = "".join(one for one in text if not is_invisible(one))
    return " ".join(text.split())


def _tidying(key: Key, tidied: Key) -> str:
    return " and ".join(
        "leave one space between words" if trait == "spaces between words" else f"remove {trait}"
        for trait in differing_traits(key, tidied)
    )


def _rewriting(fields: tuple[str, ...], key: Key, wanted: Key) -> Iterator[str]:
    """The fields to retype; a swap of two by its name."""
    folded = [text.casefold() for text in key]
    if len(key) == 2 and key != wanted and [text.casefold() for text in wanted] == folded[::-1]:
        yield f"swap {fields[0]} and {fields[1]}"
        return
    for name, old, new in zip(fields, key, wanted, strict=True):
        if old.casefold() != new.casefold():
            yield f"change {name} '{shortened(old)}' to '{shortened(new)}'"
