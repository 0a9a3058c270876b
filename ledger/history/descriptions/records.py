"""Descriptions of record events: first observed, changed, matched, decided, erased."""

from __future__ import annotations

from collections.abc import Iterator

from ledger import events as e
from ledger.history.descriptions.words import (
    Describers,
    Description,
    Names,
    field_lines,
    in_column,
    references_in_words,
)
from ledger.history.reasons import sentence_of
from ledger.output.visible import with_what_differs
from ledger.output.words import counted


def _first_seen(event: e.RecordObserved, names: Names) -> Description:
    return Description("First seen", tuple(field_lines(event.table, event.fields, names)))


def _changed(event: e.RecordChanged, names: Names) -> Description:
    return Description("Changed", tuple(_change_lines(event, names)))


def _change_lines(event: e.RecordChanged | e.BridgeRowEdited, names: Names) -> Iterator[str]:
    for name, change in event.changes.items():
        before, after = (
            in_column(event.table, name, value, names) for value in (change.before, change.after)
        )
        yield with_what_differs(f"{name}: {before} → {after}", before, after)


def _vanished(event: e.RecordVanished, names: Names) -> Description:
    return Description(
        "Gone; its bridge row was deleted", tuple(field_lines(event.table, event.fields, names))
    )


def _adopted(event: e.BridgeRowAdopted, names: Names) -> Description:
    link = f"linked with {names(event.linked)}" if event.linked else "not linked"
    lines = field_lines(event.table, event.fields, names)
    found = (f"{name} as found: {value}" for name, value in event.found.items())
    instead = f", in place of row {event.replaces}, which it deleted" if event.replaces else ""
    return Description(
        f"Taken over as {event.made_by} had made it{instead}, {link}", (*lines, *found)
    )


def _edited(event: e.BridgeRowEdited, names: Names) -> Description:
    return Description("Changed by another writer", tuple(_change_lines(event, names)))


def _gone(event: e.RecordGone, _names: Names) -> Description:
    return Description(
        "Gone from Administrate; its bridge row stays, since others refer to it",
        (references_in_words(event.referred_by),),
    )


def _decided(event: e.MatchDecided, names: Names) -> Description:
    before, linked = event.before, event.linked
    why = sentence_of(event.reason)
    if event.restores is not None:
        why = f"restored from the decision at position {event.restores} ({why})"
    if linked and linked == before:
        return Description(f"Still linked with {names(linked)}: {why}")
    if linked:
        instead = f", no longer with {names(before)}" if before else ""
        return Description(f"Linked with {names(linked)}{instead}: {why}")
    if before:
        return Description(f"No longer linked with {names(before)}: {why}")
    return Description(f"Not linked, {event.outcome}: {why}")


def _reaffirmed(event: e.MatchesReaffirmed, _names: Names) -> Description:
    return Description(
        f"Confirmed unchanged by rule {event.rule!r}, version {event.rule_version}"
        f" ({counted(len(event.keys) + len(event.tutorial_ids), 'record')})"
    )


def _unmatched(event: e.TutorialRecordUnmatched, _names: Names) -> Description:
    return Description(f"Found no counterpart, {event.outcome}: {sentence_of(event.reason)}")


_DECISIONS = {
    "accept": "accepted as the same as",
    "reject": "rejected as the same as",
    "ignore": "ignored: it needs no counterpart",
    "product": "given the product",
}


def _taken(event: e.DecisionTaken, names: Names) -> Description:
    other = f" {names(event.object)}" if event.object else ""
    what = _DECISIONS.get(event.decision, event.decision)
    if event.until is not None:
        what = f"ignored until {event.until}"
    return Description(f"{names(event.subject)} was {what}{other}: “{event.reason}”")


def _withdrawn(event: e.DecisionWithdrawn, _names: Names) -> Description:
    return Description(f"The decision at position {event.taken} was withdrawn: “{event.reason}”")


def _creations_agreed(event: e.CreationsAgreed, names: Names) -> Description:
    within = f", each in {event.needed}" if event.needed else ""
    what = f"{len(event.records)} of the unmatched {event.entity.replace('-', ' ')}"
    return Description(
        f"A person agreed to create {what} in Administrate{within}",
        tuple(map(names, event.records)),
    )


def _erased(event: e.PersonErased, _names: Names) -> Description:
    return Description(
        f"Erased {counted(len(event.values), 'value')} and"
        f" {counted(len(event.blobs), 'stored answer')}: “{event.reason}”"
    )


RECORDS: Describers = {
    e.BridgeRowAdopted: _adopted,
    e.BridgeRowEdited: _edited,
    e.BridgeRowRestored: lambda _event, _: Description(
        "Made again: another writer had deleted its row"
    ),
    e.CreationsAgreed: _creations_agreed,
    e.DecisionTaken: _taken,
    e.DecisionWithdrawn: _withdrawn,
    e.MatchDecided: _decided,
    e.MatchesReaffirmed: _reaffirmed,
    e.PersonErased: _erased,
    e.RecordChanged: _changed,
    e.RecordGone: _gone,
    e.RecordObserved: _first_seen,
    e.RecordReturned: lambda _event, _: Description("In Administrate again"),
    e.RecordVanished: _vanished,
    e.TutorialRecordLeft: lambda _event, _: Description("No longer a discrepancy"),
    e.TutorialRecordUnmatched: _unmatched,
}
