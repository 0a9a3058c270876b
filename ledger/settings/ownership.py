"""Trusted files: only this user's and root's, as with ssh and git."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ledger.errors import SettingsError

_MENDED_BY = "make it your own and writable by nobody else (chown, chmod go-w)"


def refuse_foreign(path: Path) -> None:
    """Raises ``SettingsError`` where another user owns the file, can write it, or can replace it.
    Such a user could redirect this user's secrets."""
    if not hasattr(os, "geteuid"):
        return  # no owners of this kind on this system
    if not path.is_file() and not path.is_dir():
        return  # /dev/null, or a pipe from a shell: what is in it was put there for this process
    places = {path.absolute(), path.resolve()}
    for place in sorted(places):
        _refuse_other(place, place.lstat())
    for directory in sorted({place.parent for place in places}):
        found = directory.stat()
        # In a sticky directory such as /tmp, users cannot remove others' files.
        if not found.st_mode & stat.S_ISVTX:
            _refuse_other(directory, found)


def _refuse_other(place: Path, found: os.stat_result) -> None:
    if found.st_uid not in (os.geteuid(), 0):
        raise SettingsError(
            f"{place} belongs to another user ({_user(found.st_uid)}), and its settings are not"
            f" taken; {_MENDED_BY}"
        )
    if stat.S_ISLNK(found.st_mode):
        return  # the mode of a link is nobody's
    if found.st_mode & stat.S_IWOTH or (
        found.st_mode & stat.S_IWGRP and not _only_in_group(found.st_uid, found.st_gid)
    ):
        raise SettingsError(
            f"{place} can be written by others (mode {stat.S_IMODE(found.st_mode):04o}), and"
            f" settings from there are not taken; {_MENDED_BY}"
        )


def _user(number: int) -> str:
    import pwd  # noqa: PLC0415 - not on every system

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def _only_in_group(user: int, group: int) -> bool:
    """Whether a group is the user's own, as many systems give every user one."""
    import grp  # noqa: PLC0415 - not on every system
    import pwd  # noqa: PLC0415 - not on every system

    try:
        name, members = pwd.getpwuid(user).pw_name, set(grp.getgrgid(group).gr_mem)
    except KeyError:
        return False
    members |= {entry.pw_name for entry in pwd.getpwall() if entry.pw_gid == group}
    return members <= {name, "root"}
