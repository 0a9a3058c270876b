"""Locks between processes, released with the end of their process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import define, field


@define
class FileLock:
    """A POSIX lock on a file: not inherited by child processes, reliable on NFS.

    One at a time for a file and process: closing any descriptor of the file frees its lock.
    """

    path: Path
    _descriptor: int = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        self._descriptor = os.open(self.path, flags, 0o600)
        _make_private(self._descriptor)

    def share(self) -> None:
        """Waits for a shared lock."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_SH)

    def take(self) -> None:
        """Waits for the exclusive lock."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX)

    def try_exclusive(self) -> bool:
        """Takes the exclusive lock, unless another process holds the file's. Whether it did."""
        with suppress(BlockingIOError, PermissionError):
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def release(self) -> None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Releases the lock and closes the file."""
        os.close(self._descriptor)


def inheritable_lock(path: Path) -> int | None:
    """A descriptor whose lock lasts as long as any process has it open; None if one has already.

    It says whether the processes that inherited it live, after the end of the one that started
    them, and from another container, where process ids say nothing.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _make_private(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _make_private(descriptor: int) -> None:
    """Keeps others from opening a file, since they could hold its lock and keep us waiting."""
    if os.fstat(descriptor).st_mode & 0o777 != 0o600:
        os.fchmod(descriptor, 0o600)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Holds the exclusive lock on a file within the block."""
    lock = FileLock(path)
    try:
        lock.take()
        yield
    finally:
        lock.close()
