"""A clock that only sleeping moves, so that waits of minutes take no time."""

from __future__ import annotations

import threading

from attrs import define, field


@define
class FakeTime:
    """Hand its ``clock`` and ``sleep`` to what waits; ``slept`` tells how long each time."""

    now: float = 1000.0
    slept: list[float] = field(factory=list)
    _lock: threading.Lock = field(factory=threading.Lock)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
            self.slept.append(seconds)
