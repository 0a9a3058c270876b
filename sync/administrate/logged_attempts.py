"""The attempts of the client, in the log of the run they belong to."""

from __future__ import annotations

import structlog

from sync.administrate.recorder import ANSWERED, Attempt


class LoggedAttempts:
    """Logs every attempt: what was asked of which page, and how it went. No body, no name."""

    def record(self, attempt: Attempt) -> None:
        log = structlog.get_logger()
        told = {
            "operation": attempt.operation,
            "offset": attempt.variables.get("offset"),
            "attempt": attempt.number,
            "status": attempt.status,
            "milliseconds": round(attempt.duration * 1000),
        }
        if attempt.outcome == ANSWERED:
            log.debug("answered", **told)
        else:
            log.warning("no answer", outcome=attempt.outcome, said=attempt.said, **told)
