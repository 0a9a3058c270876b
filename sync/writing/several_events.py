"""Works on several events at a time; after an error that would fail each, the rest is not tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Protocol, TypeVar

from ledger.errors import AdmsyncError, DatabaseUnavailable, StoppedResumably
from ledger.runs.interrupts import StopRequest
from ledger.runs.locks import LockLost
from sync.administrate.errors import (
    CredentialsRefused,
    Throttled,
    TokenRefused,
    TokenUnavailable,
    Unreachable,
)

# Errors that would fail every event, so that trying the next is pointless.
_ENDS_ALL = (
    DatabaseUnavailable,
    LockLost,
    Unreachable,
    Throttled,
    TokenUnavailable,
    TokenRefused,
    CredentialsRefused,
)


class Outcome(Protocol):
    """What became of an event; ``stopped`` is the error that ended it early."""

    @property
    def stopped(self) -> AdmsyncError | None: ...


_Work = TypeVar("_Work")
_Outcome = TypeVar("_Outcome", bound=Outcome)
_Told_contra = TypeVar("_Told_contra", bound=Outcome, contravariant=True)


class Reporter(Protocol[_Told_contra]):
    """Receives the progress of several events, from one thread."""

    def began(self, events: int) -> None: ...

    def finished(self, outcome: _Told_contra) -> None: ...

    def ended(self) -> None: ...


def outcomes_of(
    events: Sequence[_Work],
    do: Callable[[_Work], _Outcome],
    untried: Callable[[_Work], _Outcome],
    stop: StopRequest,
    threads: int,
) -> Iterator[_Outcome]:
    """Each event's outcome as it completes. After an error that would fail each, and once a stop is
    asked for, the rest is ``untried``."""
    hopeless = False

    def one(event: _Work) -> _Outcome:
        return untried(event) if hopeless or stop.asked else do(event)

    with ThreadPoolExecutor(threads, thread_name_prefix="event") as pool:
        waiting = [pool.submit(one, event) for event in events]
        try:
            for future in as_completed(waiting):
                outcome = future.result()
                hopeless = hopeless or isinstance(outcome.stopped, _ENDS_ALL)
                yield outcome
        finally:
            hopeless = True


@contextmanager
def staying_resumable(stopped: type[StoppedResumably]) -> Iterator[None]:
    """Whatever ends a step of an accepted plan only stops the run: part of the plan may be done by
    now, with which a run that failed for good could not go on."""
    try:
        yield
    except (StoppedResumably, DatabaseUnavailable):
        raise
    except AdmsyncError as problem:
        raise stopped(str(problem)) from problem
    except Exception as problem:
        raise stopped(f"unexpected {type(problem).__name__}") from problem
