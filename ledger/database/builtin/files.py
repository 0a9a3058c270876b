"""Files of ours in directories that another account may write to: no link in them is followed."""

from __future__ import annotations

import os
import pwd
import secrets
import stat
from pathlib import Path


def account_name(uid: int) -> str:
    """The name of a user, or its number where the system has no name for it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the user with the id {uid}"


def read(path: Path, limit: int = 65536) -> str | None:
    """The beginning of a regular file; None where there is none of that name."""
    try:
        # Opened without waiting for whoever might write to it: it may be a pipe put in its place.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(limit).decode("utf-8", "surrogateescape")


def replace(path: Path, text: str, owner: tuple[int, int]) -> None:
    """Puts a file of its owner's (uid, gid), readable by nobody else, in place at once."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            if owner != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, *owner)
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(descriptor)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def touch(path: Path) -> None:
    """Makes an empty file of the user's alone where there is none, whatever the umask."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)


def make_private(path: Path) -> None:
    """Makes a directory for its owner alone, whatever the umask. Raises ``FileExistsError``."""
    path.mkdir(mode=0o700)
    path.chmod(0o700)


def synchronise(directory: Path) -> None:
    """Waits until the names in a directory are on the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
