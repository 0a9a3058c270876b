"""Interrupts that wait: the first one lets the call in hand finish, the second stops at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ledger.errors import StoppedResumably

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Whether somebody asked this process to stop."""

    def __init__(self) -> None:
        self.asked = False

    def check(self) -> None:
        """Raises ``StoppedResumably`` where a stop was asked for; called where stopping is safe."""
        if self.asked:
            raise StoppedResumably("stopped on request")


@contextmanager
def waiting_interrupts() -> Iterator[StopRequest]:
    """Takes the first Ctrl-C (or SIGTERM) as a request; the next ends the process, as a kill does,
    which the ledger is made for: what was committed stands, and the run can be resumed."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def ask(_number: int, _frame: FrameType | None) -> None:
        if request.asked:
            # No clean-up: that would wait for the answer of whatever call is in hand.
            os.write(2, b"admsync: stopped at once; go on with: admsync resume\n")
            os._exit(StoppedResumably.exit_code)
        request.asked = True

    for number in _SIGNALS:
        signal.signal(number, ask)
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
