"""The pace of calls, so that all processes of a database keep under Administrate's limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from attrs import define, field, frozen
from attrs.validators import gt

from ledger.errors import DatabaseError, StoppedResumably
from sync.administrate.errors import NotSent
from sync.administrate.operations import Operation
from sync.administrate.pace import WINDOW
from sync.administrate.pace.reservations import USABLE, CallReservations, NoneLeft, Reservation

log = structlog.get_logger()

BATCH = 50
"""The calls reserved at a time."""
_SHORTEST_WAIT = 0.001  # so that a rounding error cannot turn waiting into spinning
_LONGEST_WAIT = 5.0  # seconds until the table is read again, since others give calls back
_RETRY_TABLE = 30.0  # seconds after which a table that failed is tried again


@frozen
class RateLimit:
    """A bucket of ``burst`` calls that refills at ``per_second``: the pace of a process by itself.

    Within any span of s seconds at most ``burst + per_second * s`` calls start, whatever the
    schedule; by default 5,418 in five minutes.
    """

    burst: int = field(default=18, validator=gt(0))
    per_second: float = field(default=18.0, validator=gt(0))


class Pace:
    """Hands out permission to call; one is shared by all threads of a client.

    With a table of reservations calls go at full speed while the last five minutes have room. A
    process without one, or whose table fails, keeps to its own limit; after a 429, which tells of
    calls that others make from the address, to half of it as well.
    """

    def __init__(
        self,
        limit: RateLimit,
        reservations: CallReservations | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._bucket = _Bucket(limit, clock())
        self._shared = None if reservations is None else _Shared(reservations)
        self._paused_until = self._slow_until = clock()

    def wait_for(self, operation: Operation) -> None:
        """Returns when a call for the operation may start; NotSent where a stop is requested."""
        try:
            while (wait := self._take()) > 0:
                self._sleep(max(wait, _SHORTEST_WAIT))
        except StoppedResumably as stop:
            raise NotSent(operation, str(stop)) from None

    def slow_down(self, pause: float) -> None:
        """After a 429: nothing for ``pause`` seconds, no burst then, half the pace for a window."""
        with self._lock:
            now = self._clock()
            self._paused_until = max(self._paused_until, now + pause)
            self._slow_until = now + pause + WINDOW
            self._bucket.empty(self._paused_until)

    def close(self) -> None:
        """Gives back the calls that were reserved and not made."""
        with self._lock:
            if self._shared is not None:
                self._shared.give_back(self._clock())

    def _take(self) -> float:
        """0 where a call was granted, else the seconds after which to ask again."""
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return self._paused_until - now
            shared = self._shared is not None and self._shared.works(now)
            slow = now < self._slow_until
            if (slow or not shared) and (wait := self._bucket.take(now, halved=slow)) > 0:
                return wait
            if self._shared is None or not shared:
                return 0.0
            return self._shared.take(now)


@define
class _Bucket:
    """The calls a process may make by itself."""

    limit: RateLimit
    counted_at: float
    calls: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.calls = float(self.limit.burst)

    def empty(self, until: float) -> None:
        """Leaves one call, and saves nothing up before ``until``."""
        self.calls = min(self.calls, 1.0)
        self.counted_at = max(self.counted_at, until)

    def take(self, now: float, *, halved: bool) -> float:
        """0 where a call was taken, else the seconds until there is one."""
        pace = self.limit.per_second / (2 if halved else 1)
        refilled = self.calls + max(0.0, now - self.counted_at) * pace
        self.calls = min(float(self.limit.burst), refilled)
        self.counted_at = max(self.counted_at, now)
        if self.calls >= 1.0:
            self.calls -= 1.0
            return 0.0
        return (1.0 - self.calls) / pace


@define
class _Shared:
    """The process's reservation in the table, used call by call."""

    reservations: CallReservations
    held: Reservation | None = None
    left: int = 0
    usable_until: float = 0.0
    failed_until: float = float("-inf")

    def works(self, now: float) -> bool:
        return now >= self.failed_until

    def take(self, now: float) -> float:
        """0 where a call was taken, else the seconds after which to ask again."""
        if self.left and now < self.usable_until:
            self.left -= 1
            return 0.0
        self.give_back(now)
        try:
            reserved = self.reservations.reserve(BATCH)
        except DatabaseError as problem:
            self._failed(now, problem)
            return _SHORTEST_WAIT
        if isinstance(reserved, NoneLeft):
            return min(reserved.seconds, _LONGEST_WAIT)
        # Counted from before the table was read, so that it ends here before it ends there.
        self.held, self.left, self.usable_until = reserved, reserved.calls - 1, now + USABLE
        return 0.0

    def give_back(self, now: float) -> None:
        held, unused, self.held, self.left = self.held, self.left, None, 0
        if held is None or not unused:
            return
        try:
            self.reservations.give_back(held, unused)
        except DatabaseError as problem:
            # They count as made until they are too old to count.
            self._failed(now, problem)

    def _failed(self, now: float, problem: DatabaseError) -> None:
        if self.failed_until == float("-inf"):
            log.debug("calls are not counted with other processes'", reason=str(problem))
        self.failed_until = now + _RETRY_TABLE
