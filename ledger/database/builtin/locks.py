"""Locks between processes, which go with their process however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import define, field


@define
class FileLock:
    """A lock on a file. POSIX's kind: not inherited by what a process starts, good on NFS.

    Only one at a time for a file and process: closing any descriptor of the file frees its lock.
    """

    path: Path
    _descriptor: int = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        self._descriptor = os.open(self.path, flags, 0o600)
        _closed(self._descriptor)

    def share(self) -> None:
        """Holds it together with others, once nobody holds it alone."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_SH)

    def take(self) -> None:
        """Holds it alone, once nobody else holds it."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX)

    def took(self) -> bool:
        """Holds it alone, unless somebody else holds it."""
        with suppress(BlockingIOError, PermissionError):
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def release(self) -> None:
        """Holds it no longer."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Holds it no longer, and is done with."""
        os.close(self._descriptor)


def inheritable_lock(path: Path) -> int | None:
    """A descriptor that holds a lock for as long as any process has it open; None if one has.

    Held by what inherits it, it says whether that lives, whatever became of who started it, and
    also from another container, where process ids say nothing.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _closed(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _closed(descriptor: int) -> None:
    """Keeps others from opening a file: whoever can may hold its lock, and keep us waiting."""
    if os.fstat(descriptor).st_mode & 0o777 != 0o600:
        os.fchmod(descriptor, 0o600)


@contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """Holds the lock on a file alone for a while."""
    lock = FileLock(path)
    try:
        lock.take()
        yield
    finally:
        lock.close()
