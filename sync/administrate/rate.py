"""Keeping under Administrate's limit of 6,000 calls in five minutes, over all workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from attrs import field, frozen
from attrs.validators import gt

_WINDOW = 300.0  # seconds the limit is counted over
_SHORTEST_WAIT = 0.001  # so that a rounding error cannot turn waiting into spinning


@frozen
class RateLimit:
    """A bucket of ``burst`` calls that refills at ``per_second``.

    Within any span of s seconds at most ``burst + per_second * s`` calls start, whatever the
    schedule; by default 5,900 in five minutes.
    """

    burst: int = field(default=500, validator=gt(0))
    per_second: float = field(default=18.0, validator=gt(0))


class RateGovernor:
    """Hands out permission to call; one is shared by all threads of a client."""

    def __init__(
        self,
        limit: RateLimit,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._calls_left = float(limit.burst)
        self._counted_at = clock()
        self._paused_until = self._counted_at
        self._slow_until = self._counted_at

    def acquire(self) -> None:
        """Return when a call may start."""
        while (wait := self._take()) > 0:
            self._sleep(max(wait, _SHORTEST_WAIT))

    def slow_down(self, pause: float) -> None:
        """After a 429: nothing for ``pause`` seconds, no burst then, half the pace for a window."""
        with self._lock:
            now = self._clock()
            self._refill(now)
            self._calls_left = min(self._calls_left, 1.0)
            self._paused_until = max(self._paused_until, now + pause)
            self._slow_until = now + pause + _WINDOW

    def _take(self) -> float:
        """0 where a call was granted, else the seconds after which to ask again."""
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return self._paused_until - now
            self._refill(now)
            if self._calls_left >= 1.0:
                self._calls_left -= 1.0
                return 0.0
            return (1.0 - self._calls_left) / self._pace(now)

    def _refill(self, now: float) -> None:
        # Nothing is saved up during a pause: those seconds are counted as already spent.
        since = now - max(self._counted_at, min(self._paused_until, now))
        refilled = self._calls_left + since * self._pace(now)
        self._calls_left = min(float(self._limit.burst), refilled)
        self._counted_at = now

    def _pace(self, now: float) -> float:
        return self._limit.per_second / 2 if now < self._slow_until else self._limit.per_second
