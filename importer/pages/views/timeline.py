"""Events as pages tell them."""

from __future__ import annotations

from ledger.history.record_history import Step
from ledger.history.stored_answers import has_answers


def told(step: Step, about: str | None = None) -> dict[str, object]:
    """An event in words; ``about`` is the record that it need not name."""
    recorded = step.recorded
    record = recorded.event.record()
    return {
        "position": recorded.position,
        "recorded_at": recorded.recorded_at,
        "actor": recorded.actor,
        "type": type(recorded.event).__name__,
        "run_id": None if recorded.run_id is None else str(recorded.run_id),
        "record": record,
        "named": step.named if record != about else None,
        "sentence": step.description.sentence,
        "changes": list(step.description.changes),
        "source": step.source,
        "cause": recorded.cause,
        "has_answers": any(
            has_answers(one.event) for one in (recorded, step.cause) if one is not None
        ),
    }
