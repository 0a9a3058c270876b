"""Every version of every event that any release has written, and what each must read as for good.

``recorded.jsonl`` holds them as they stand in a ledger, one a line. A line is never changed or
taken out; a new event class, or a new schema version, adds its own.
"""

from __future__ import annotations

import json
from pathlib import Path

from attrs import frozen

RECORDED = Path(__file__).with_name("recorded.jsonl")


@frozen
class RecordedPayload:
    """An event's columns as stored, with the personal values it refers to, by digest."""

    type: str
    schema_version: int
    payload: str
    personal: dict[str, str]


def recorded_payloads() -> list[RecordedPayload]:
    """The corpus, in the order of its lines."""
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    return [RecordedPayload(**json.loads(line)) for line in lines]
