"""The stored reasons of decisions, each with a sentence for people."""

from __future__ import annotations

REASONS = {
    "rule": "equal, and the only one on both sides",
    "accepted": "accepted by a person",
    "kept": "linked while it was the only one; a record of the same key has appeared since",
    "lasting": "linked before, and such a link stays until a person rejects it",
    "none-equal": "no equal record on the other side",
    "blank": "a field that it is matched by is blank",
    "unplaced": "what it belongs to (a location, a course template, an event) is not linked",
    "rejected": "the only equal record was rejected by a person",
    "review": "the only equal record was rejected by a person when its fields were others",
    "taken": "one of the two equal records is linked with another, and that link stays",
    "partner-gone": "the record it was accepted for is gone",
    "several": "several records have this key",
    "adopted": "linked by an older tool, though the two are not equal",
    "adopted-alike": "taken over from an older tool; several records have this key",
    "preferred": (
        "equal, and the only one on both sides; the link taken over from an older tool was another"
    ),
    "displaced": (
        "its link was taken over from an older tool, and one of the two has an equal partner"
    ),
    "contested": "an older tool linked one of the two with another record as well",
    "gone": "its record is gone from Administrate",
}


def sentence_of(reason: str) -> str:
    """The reason in words; an unknown one is returned unchanged."""
    return REASONS.get(reason, reason)
