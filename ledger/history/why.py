"""Why a record is linked: the rule, the keys, the other candidates, or a person's decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ledger.events import (
    BridgeRowAdopted,
    BridgeRowEdited,
    DecisionTaken,
    Event,
    MatchDecided,
    TutorialRecordUnmatched,
    record_name,
)
from ledger.events.recorded import Recorded
from ledger.history.descriptions.words import Names
from ledger.history.reasons import sentence_of
from ledger.output.words import counted, local_time, shown
from ledger.schema import acted, adm
from ledger.values import Fields

# Returns the event at a position.
At = Mapping[int, Recorded]


def decisions_behind(event: Event) -> list[int]:
    """The positions of the people's decisions in a decision's evidence."""
    if not isinstance(event, MatchDecided | TutorialRecordUnmatched):
        return []
    return [int(str(one["reference"])) for one in _listed(event.evidence, "decisions")]


def why(event: Event, taken: At, names: Names) -> Iterator[str]:
    """The reasons of a decision, line by line, from its stored evidence.

    ``taken`` holds the events of its ``decisions_behind``.
    """
    if isinstance(event, BridgeRowAdopted):
        yield f"as {event.made_by} left it; on what evidence, nobody recorded"
        return
    if isinstance(event, BridgeRowEdited):
        yield "as another writer changed it; on what evidence, nobody recorded"
        return
    if not isinstance(event, MatchDecided | TutorialRecordUnmatched):
        return
    yield f"{event.outcome}: {sentence_of(event.reason)}"
    if event.rule:
        yield f"rule: {event.rule}, version {event.rule_version}{_compared(event.evidence, names)}"
    for position in decisions_behind(event):
        yield _decision(position, taken.get(position), names)
    yield from _taken_over(event, names)
    if isinstance(event, MatchDecided) and event.flagged:
        yield f"to be looked at by a person{_namesakes(event.evidence)}"
    yield from _weighed(event, names)


def _compared(evidence: Fields, names: Names) -> str:
    rule = cast("Mapping[str, Any]", evidence.get("rule") or {})
    compared = cast("list[Any] | None", evidence.get("compared"))
    if compared is None:
        return ""
    fields = rule.get("fields", ())
    told = [f"{name} “{shown(value)}”" for name, value in zip(fields, compared, strict=False)]
    if rule.get("scoped"):
        told.append(f"place {names(record_name(acted.LOCATIONS.fullname, compared[-1]))}")
    return f", compared by {' and '.join(told)}"


def _decision(position: int, taken: Recorded | None, names: Names) -> str:
    if taken is None or not isinstance(taken.event, DecisionTaken):
        return f"a person's decision at position {position}"
    event = taken.event
    about = " and ".join(names(one) for one in (event.subject, event.object) if one)
    return (
        f"{taken.actor} decided on {local_time(taken.recorded_at)}:"
        f" {event.decision} {about}: “{event.reason}” (position {position})"
    )


def _taken_over(event: MatchDecided | TutorialRecordUnmatched, names: Names) -> Iterator[str]:
    """Adopted links (of another tool) that concern it."""
    side = str(adm.linked_table(event.table))
    for link in cast("list[list[Any]]", event.evidence.get("adopted") or []):
        pair = (record_name(event.table, str(link[0])), record_name(side, str(link[1])))
        if event.record() in pair:
            yield (
                f"taken over from an older tool: {' linked with '.join(map(names, pair))};"
                " on what evidence, nobody recorded"
            )


def _namesakes(evidence: Fields) -> str:
    outcome = cast("Mapping[str, Any]", evidence.get("outcome") or {})
    expected = outcome.get("namesakes")
    return f": {expected / 10_000:.2f} namesakes are to be expected" if expected else ""


def _weighed(event: MatchDecided | TutorialRecordUnmatched, names: Names) -> Iterator[str]:
    """The other candidates, with their keys at the time of the decision."""
    keys = dict(_keys(event))
    if not event.candidates:
        yield "no other candidate"
    for one in event.candidates:
        key = f", then “{keys[one]}”" if one in keys else ""
        yield f"other candidate: {names(one)}{key}"
    if event.more_candidates:
        yield f"and {counted(event.more_candidates, 'more candidate')}"


def _keys(event: MatchDecided | TutorialRecordUnmatched) -> Iterator[tuple[str, str]]:
    tutorial = adm.linked_table(event.table)
    for side, table in (("administrate", event.table), ("tutorial", tutorial)):
        for record in _listed(event.evidence, side):
            yield (
                record_name(str(table), str(record["id"])),
                " ".join(shown(part) for part in record["key"]),
            )


def _listed(evidence: Fields, name: str) -> list[Mapping[str, Any]]:
    return cast("list[Mapping[str, Any]]", evidence.get(name) or [])
