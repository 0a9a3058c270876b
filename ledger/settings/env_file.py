"""Files of settings, and of one secret: only this user and root may be able to write them."""

from __future__ import annotations

import os
import re
import stat
from io import StringIO
from pathlib import Path

from ledger.errors import SettingsError

LARGEST_FILE = 2**18  # bytes
_ONE_LINE = re.compile(r"[^\r\n]*")
_MEND = "make it your own and writable by nobody else (chown, chmod go-w)"


def read_env_file(path: Path, *, named: bool) -> dict[str, str]:
    """The settings of a file; none where it is not there, unless a person ``named`` it.

    Quotes, ``export`` and comments are as in a shell; ``$`` means nothing. Raises
    ``SettingsError`` where the file cannot be read, holds a line that is no setting, or is not
    this user's own.
    """
    from dotenv.parser import parse_stream  # noqa: PLC0415 - the help text does without it

    place = path.absolute()
    if not named and not os.path.lexists(path):
        return {}
    text = _text(path, f"{place} cannot be read", "a file of NAME=VALUE lines")
    settings: dict[str, str] = {}
    for line in parse_stream(StringIO(text)):
        if line.error:
            blank = line.original.string[: -len(line.original.string.lstrip())]
            number = line.original.line + blank.count("\n")
            raise SettingsError(
                f"{place}, line {number}: no setting; expected NAME=VALUE (a value with a quote in"
                " it between quotes of the other kind), or # before a comment"
            )
        if line.key is not None and line.value is not None:
            settings[line.key] = line.value
    return settings


def read_secret_file(variable: str, path: Path) -> str:
    """The one line of a file that a ``variable`` names, without its end.

    Raises ``SettingsError``, which names the file and quotes nothing of it, where it cannot be
    read, holds none or several lines, or is not this user's own.
    """
    told = f"{variable} names {path.absolute()}, which cannot be used"
    text = _text(path, told, "a file with a secret in it").rstrip("\r\n")
    if not text:
        raise SettingsError(f"{told}: it is empty")
    if not _ONE_LINE.fullmatch(text):
        raise SettingsError(f"{told}: it holds more than one line")
    return text


def _text(path: Path, told: str, expected: str) -> str:
    """A file's text. Raises ``SettingsError`` that begins with ``told`` where there is none."""
    try:
        _refuse_foreign(path)
        if path.is_dir():
            raise SettingsError(f"{path.absolute()} is a directory; expected {expected}")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        text = content[:LARGEST_FILE].decode("utf-8-sig")
    except OSError as problem:
        raise SettingsError(f"{told}: {problem.strerror or problem}") from None
    except UnicodeDecodeError:
        # Not quoted: it may be a secret.
        raise SettingsError(f"{told}: it is not UTF-8 text") from None
    if len(content) > LARGEST_FILE:
        raise SettingsError(f"{told}: it is larger than {LARGEST_FILE // 1024} kB")
    if "\0" in text:
        raise SettingsError(f"{told}: it holds a NUL character")
    return text


def _refuse_foreign(path: Path) -> None:
    """Raises ``SettingsError`` where another user owns the file, can write it, or can replace it,
    and so could redirect this user's secrets."""
    if not hasattr(os, "geteuid"):
        return  # no owners of this kind on this system
    if not path.is_file() and not path.is_dir():
        return  # /dev/null, or a pipe from a shell: written for this process
    places = {path.absolute(), path.resolve()}
    for place in sorted(places):
        _refuse_stat(place, place.lstat())
    for directory in sorted({place.parent for place in places}):
        found = directory.stat()
        # In a sticky directory such as /tmp, users cannot remove others' files.
        if not found.st_mode & stat.S_ISVTX:
            _refuse_stat(directory, found)


def _refuse_stat(place: Path, found: os.stat_result) -> None:
    if found.st_uid not in (os.geteuid(), 0):
        raise SettingsError(
            f"{place} belongs to another user ({_user(found.st_uid)}), and its settings are not"
            f" taken; {_MEND}"
        )
    if stat.S_ISLNK(found.st_mode):
        return  # the mode of a link is nobody's
    if found.st_mode & stat.S_IWOTH or (
        found.st_mode & stat.S_IWGRP and not _only_in_group(found.st_uid, found.st_gid)
    ):
        raise SettingsError(
            f"{place} can be written by others (mode {stat.S_IMODE(found.st_mode):04o}), and"
            f" settings from there are not taken; {_MEND}"
        )


def _user(number: int) -> str:
    import pwd  # noqa: PLC0415 - not on every system

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def _only_in_group(user: int, group: int) -> bool:
    """Whether a group is a user's private group."""
    import grp  # noqa: PLC0415 - not on every system
    import pwd  # noqa: PLC0415 - not on every system

    try:
        name, members = pwd.getpwuid(user).pw_name, set(grp.getgrgid(group).gr_mem)
    except KeyError:
        return False
    members |= {entry.pw_name for entry in pwd.getpwall() if entry.pw_gid == group}
    return members <= {name, "root"}
