"""The smallest change of a record that would link it to a candidate by the rule."""

from __future__ import annotations

from attrs import evolve, frozen

from sync.matching.keys import Id, Key, Record, Side
from sync.matching.likeness import differing_traits
from sync.matching.match import Matching
from sync.matching.normalise import is_invisible


@frozen
class Change:
    """A new key for one record, and its description for the person who makes it."""

    side: Side
    record: Id
    key: Key
    words: str


def smallest_change(matching: Matching, side: Side, record: Record, other: Record) -> Change | None:
    """The change by which the next run would link the two; None where no change of fields would.

    Tidying is tried before rewriting, and the given record (of ``side``) before the other.
    """
    for whose, mine, theirs in ((side, record, other), (side.other, other, record)):
        key = tuple(map(_tidy, mine.key))
        if key != mine.key and _would_link(matching, whose, evolve(mine, key=key), theirs):
            return Change(whose, mine.id, key, _tidying(mine.key, key))
    for whose, mine, theirs in ((side, record, other), (side.other, other, record)):
        if _would_link(matching, whose, evolve(mine, key=theirs.key), theirs):
            words = _rewriting(matching.rule.fields, mine.key, theirs.key)
            return Change(whose, mine.id, theirs.key, words)
    return None


def _would_link(matching: Matching, side: Side, changed: Record, other: Record) -> bool:
    """Whether the changed record and the other would be each other's only equal."""
    compared = matching.rule.compared(changed)
    if compared is None or compared != matching.rule.compared(other):
        return False
    effect, records = matching.effect, matching.records
    decided = (side, changed.id) in effect.partner or (side.other, other.id) in effect.partner
    alone = [one.id for one in records[side.other].like(compared)] == [other.id]
    first = all(one.id == changed.id for one in records[side].like(compared))
    return not decided and alone and first


def _tidy(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = "".join(one for one in text if not is_invisible(one))
    return " ".join(text.split())


def _tidying(key: Key, tidied: Key) -> str:
    return " and ".join(
        "leave one space between words" if trait == "spaces between words" else f"remove {trait}"
        for trait in differing_traits(key, tidied)
    )


def _rewriting(fields: tuple[str, ...], key: Key, wanted: Key) -> str:
    """The fields to retype; a swap of two by its name."""
    folded = [text.casefold() for text in key]
    if len(key) == 2 and [text.casefold() for text in wanted] == folded[::-1]:
        return f"swap {fields[0]} and {fields[1]}"
    return " and ".join(
        f"change {name} '{old}' to '{new}'"
        for name, old, new in zip(fields, key, wanted, strict=True)
        if old.casefold() != new.casefold()
    )
