"""What was worked out a moment ago: a few values, each kept for some seconds."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from attrs import define, field

_T = TypeVar("_T")
_MOST = 8


@define
class Recent(Generic[_T]):
    """The newest values, by what they are of; each for so many ``seconds``, or until forgotten."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[Hashable, tuple[float, _T]] = field(factory=OrderedDict, init=False)
    _guard: Lock = field(factory=Lock, init=False)

    def of(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """The value that is kept, or else a new one."""
        with self._guard:
            found = self._kept.get(key)
        if found is not None and self.clock() - found[0] < self.seconds:
            return found[1]
        new = make()
        with self._guard:
            self._kept[key] = (self.clock(), new)
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return new

    def forget(self, key: Hashable) -> None:
        """Has the value be worked out again when it is asked for."""
        with self._guard:
            self._kept.pop(key, None)
