"""The record of every attempt of the client, for a ledger or log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from attrs import field, frozen

ANSWERED = "Answered"


@frozen
class Attempt:
    """One sending of an operation and how it ended; holds no token and no secret.

    ``outcome`` is ``Answered`` or the name of an error class; ``duration`` is in seconds; ``body``
    is what came back to the byte, None where nothing whole did.
    """

    operation: str
    variables: Mapping[str, Any]
    number: int
    outcome: str
    said: str
    status: int | None
    duration: float
    body: bytes | None = field(repr=False)


Recorder = Callable[[Attempt], object]
"""Takes each attempt as it ends, in the thread that made it: several may call at once."""


def log_attempt(attempt: Attempt) -> None:
    """Logs an attempt by operation, page and outcome; no body, and no name of a person."""
    log = structlog.get_logger()
    facts = {
        "operation": attempt.operation,
        "offset": attempt.variables.get("offset"),
        "attempt": attempt.number,
        "status": attempt.status,
        "milliseconds": round(attempt.duration * 1000),
    }
    if attempt.outcome == ANSWERED:
        log.debug("answered", **facts)
    else:
        log.warning("no answer", outcome=attempt.outcome, said=attempt.said, **facts)
