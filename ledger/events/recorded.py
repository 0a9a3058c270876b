"""An event of the ledger, as projectors and readers see it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ledger.events.base import Event


@frozen
class Recorded:
    """What happened, when, where, by whom."""

    position: int
    recorded_at: datetime
    actor: str
    run_id: UUID | None
    cause: int | None
    event: Event
