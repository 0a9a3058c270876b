"""The record of every attempt of the client, for a ledger or log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

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


class Recorder(Protocol):
    """Takes each attempt as it ends, in the thread that made it: several may call at once."""

    def record(self, attempt: Attempt) -> None: ...


class NoRecorder:
    """Discards the attempts."""

    def record(self, attempt: Attempt) -> None:
        pass
