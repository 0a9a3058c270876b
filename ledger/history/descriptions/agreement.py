"""Descriptions of what both sides of a record agreed on, and of tutorial records changed later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ledger import events as e
from ledger.events.agreement import Disparity, Pair
from ledger.history.descriptions.words import (
    Describers,
    Description,
    Names,
    field_lines,
    in_column,
)
from ledger.output.words import counted, shown
from ledger.values import Value

_AGREED = {
    "import": "The import wrote the same into both systems",
    "read": "Both systems were read and agree",
    "applied": "Administrate's change was applied to the tutorial row",
    "pushed": "The tutorial row's value was sent to Administrate",
    "command": "A command set the same in both systems",
    "decided": "A person decided, and both systems agree",
    "rollback": "What both systems had agreed on before holds again",
}
_WHY = {
    "administrate": "as Administrate has it",
    "decided": "as a person decided",
    "command": "by a command",
    "rollback": "as it was before the run that was rolled back",
}
_SIDES = {"administrate": "Administrate's", "tutorial": "the tutorial row's"}


def _agreed(event: e.FieldsAgreed, _names: Names) -> Description:
    lines = [f"{name}: {_agreement(pair)}" for name, pair in event.pairs.items()]
    lines += [f"{name}: nothing agreed on any more" for name in event.forgotten]
    lines += [
        f"{name}: {shown(value)} was taken back, and waits for a change"
        for name, value in event.taken_back.items()
    ]
    return Description(_AGREED.get(event.by, f"Agreed: {event.by}"), tuple(lines))


def _differ(event: e.FieldsDiffer, _names: Names) -> Description:
    lines = tuple(f"{name}: {_disparity(one)}" for name, one in event.fields.items())
    return Description(f"Out of step in {counted(len(event.fields), 'field')}", lines)


def _decided(event: e.FieldDecided, _names: Names) -> Description:
    side = _SIDES.get(event.side, event.side)
    holds, gives_way = event.values.administrate, event.values.tutorial
    if event.side != "administrate":
        holds, gives_way = gives_way, holds
    return Description(
        f"A person decided that {side} value of {event.name} holds: “{event.reason}”",
        (f"{event.name}: {shown(gives_way)} → {shown(holds)}",),
    )


def _agreement(pair: Pair) -> str:
    return shown(pair.tutorial) if pair.administrate == pair.tutorial else _pair(pair)


def _pair(pair: Pair) -> str:
    return f"{shown(pair.administrate)} in Administrate, {shown(pair.tutorial)} in the tutorial row"


def _disparity(one: Disparity) -> str:
    now = Pair(administrate=one.administrate, tutorial=one.tutorial)
    if one.base is None:
        return f"{one.kind}: {_pair(now)}; never agreed"
    administrate = _change(one.base.administrate, now.administrate)
    tutorial = _change(one.base.tutorial, now.tutorial)
    return f"{one.kind}: {administrate} in Administrate, {tutorial} in the tutorial row"


def _change(before: Value, now: Value) -> str:
    return f"{shown(before)}, unchanged" if before == now else f"{shown(before)} → {shown(now)}"


def _planned(event: e.ChangePlanned, _names: Names) -> Description:
    compared = {name: pair.administrate for name, pair in event.before.items()}
    before = {**compared, **event.administrate}
    lines = (
        f"{name}: {shown(before[name])} → {shown(value)}"
        for name, value in event.wanted.items()
        if name in before
    )
    return Description("Planned to be changed in Administrate", tuple(lines))


def _changed(event: e.TutorialRecordChanged, names: Names) -> Description:
    lines = tuple(_change_lines(event.table, event.changes, names))
    return Description(f"Tutorial row changed, {_WHY.get(event.why, event.why)}", lines)


def _edited(event: e.TutorialRecordEdited, names: Names) -> Description:
    lines = tuple(_change_lines(event.table, event.changes, names))
    return Description("Changed by the web application", lines)


def _change_lines(table: str, changes: Mapping[str, e.FieldChange], names: Names) -> Iterator[str]:
    for name, change in changes.items():
        before, after = (
            in_column(table, name, value, names) for value in (change.before, change.after)
        )
        yield f"{name}: {before} → {after}"


def _instructors(event: e.SessionInstructorsChanged, names: Names) -> Description:
    lines = [f"no longer taught by {_teacher(one, names)}" for one in event.removed]
    lines += [f"taught by {_teacher(one, names)}" for one in event.added]
    by = "by the web application" if event.edited else "as Administrate has them"
    return Description(f"Instructors changed {by}", tuple(lines))


def _teacher(one: e.SessionInstructor, names: Names) -> str:
    return names(e.record_name("acted.tutorial_instructors", one.instructor_id))


def _deleted(event: e.TutorialRecordDeleted, names: Names) -> Description:
    lines = tuple(field_lines(event.table, event.fields, names))
    return Description("Deleted by the web application", lines)


def _found(event: e.TutorialSessionFound, names: Names) -> Description:
    lines = tuple(field_lines(e.TUTORIAL_SESSIONS, event.fields, names))
    return Description("Added by the web application", lines)


AGREEMENT: Describers = {
    e.ChangePlanned: _planned,
    e.FieldDecided: _decided,
    e.FieldsAgreed: _agreed,
    e.FieldsDiffer: _differ,
    e.SessionInstructorsChanged: _instructors,
    e.TutorialRecordChanged: _changed,
    e.TutorialRecordDeleted: _deleted,
    e.TutorialRecordEdited: _edited,
    e.TutorialSessionFound: _found,
}
