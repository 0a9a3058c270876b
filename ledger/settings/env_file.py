"""A file of settings: NAME=VALUE lines, taken as they are written."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

from ledger.errors import SettingsError
from ledger.settings.ownership import refuse_foreign


def read_env_file(path: Path, *, named: bool) -> dict[str, str]:
    """The settings of a file; none where it is not there, unless a person ``named`` it.

    Quotes, ``export`` and comments are as in a shell; ``$`` means nothing. Raises
    ``SettingsError`` where the file cannot be read, holds a line that is no setting, or is not
    this user's own.
    """
    from dotenv.parser import parse_stream  # noqa: PLC0415 - the help text does without it

    place = path.absolute()
    try:
        if not named and not os.path.lexists(path):
            return {}
        refuse_foreign(path)
        if path.is_dir():
            raise SettingsError(f"{place} is a directory; expected a file of NAME=VALUE lines")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise SettingsError(f"{place} cannot be read: {problem.strerror or problem}") from None
    except UnicodeDecodeError:
        # Not quoted: what could not be read may be a secret.
        raise SettingsError(f"{place} cannot be read: it is not UTF-8 text") from None
    if "\0" in text:
        raise SettingsError(f"{place} cannot be read: it holds a NUL character")
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
