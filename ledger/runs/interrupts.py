"""Interrupts that wait: the first lets the current call finish, the second stops at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from ledger.errors import StoppedResumably
from ledger.output.lines import notice_from_handler

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_INTERRUPTED = 130  # the exit code of what an interrupt ended for good
_LOOK = 0.1  # seconds between two looks, while waiting, at whether to stop


class StopRequest:
    """Whether this process was asked to stop."""

    def __init__(self) -> None:
        self.asked = False

    def check(self) -> None:
        """Raises ``StoppedResumably`` where a stop was asked for; called where stopping is safe."""
        if self.asked:
            raise StoppedResumably("stopped on request")

    def wait(self, seconds: float) -> None:
        """Waits so long; raises as ``check`` does as soon as a stop is asked for."""
        until = time.monotonic() + seconds
        # No event to wait for: its lock may be held by the very code that the signal interrupts.
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, _LOOK))


# That of the run under way in this process, if any; signals come to the process, too.
_UNDER_WAY: list[StopRequest] = []


def pause(seconds: float) -> None:
    """Waits so long, or until the run under way is asked to stop: ``StoppedResumably`` then."""
    request = _UNDER_WAY[-1] if _UNDER_WAY else StopRequest()
    request.wait(seconds)


@contextmanager
def waiting_interrupts(*, resumable: bool) -> Iterator[StopRequest]:
    """Takes the first Ctrl-C (or SIGTERM) as a request; the next ends the process like a kill,
    which the ledger survives: what is committed stays, and a resumable run can be resumed."""
    request = StopRequest()
    stopped = "admsync: stopped at once; "
    stopped += "go on with: admsync resume" if resumable else "admsync runs tells what was done"
    code = StoppedResumably.exit_code if resumable else _INTERRUPTED

    def ask(_number: int, _frame: FrameType | None) -> None:
        if request.asked:
            # No clean-up: that would wait for the answer of whatever call is in hand.
            notice_from_handler(stopped)
            os._exit(code)
        request.asked = True
        notice_from_handler("admsync: stopping after the call in hand; Ctrl-C again stops at once")

    _UNDER_WAY.append(request)
    try:
        with _handled_by(ask):
            yield request
    finally:
        _UNDER_WAY.remove(request)


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals never come to another thread
        return
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handled in before.items():
            signal.signal(number, handled)
