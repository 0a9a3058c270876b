"""Settings: read from the environment, and from a ``.env`` beside the working directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from ledger.errors import SettingsError


def environment() -> Mapping[str, str]:
    """What is set: ``.env`` of the working directory, with the process's environment before it.

    Raises ``SettingsError`` where there is such a file and it cannot be read.
    """
    from dotenv import dotenv_values  # noqa: PLC0415 - the help text does without it

    try:
        stored = dotenv_values(".env")
    except (OSError, UnicodeDecodeError) as problem:
        # Not quoted: what could not be read may be a secret.
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"{Path('.env').resolve()} cannot be read: {reason}") from None
    return {**{key: value for key, value in stored.items() if value is not None}, **os.environ}


@frozen
class DatabaseSettings:
    """Where the ledger lives: ``url``, or, without one, a server of our own under ``data_dir``.

    That one stays up for ``linger`` seconds after its last use.
    """

    url: str | None = field(repr=False)
    data_dir: Path
    linger: float = 0.0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> DatabaseSettings:
        """``DATABASE_URL``, and ``ADMSYNC_DATA_DIR`` in place of the user's data directory."""
        # Only here: the help text does without them.
        from ledger.database.builtin import default_data_dir, linger_seconds  # noqa: PLC0415

        data_dir = environ.get("ADMSYNC_DATA_DIR") or default_data_dir()
        linger = linger_seconds(environ.get("ADMSYNC_LINGER", ""))
        return cls(environ.get("DATABASE_URL") or None, Path(data_dir), linger)


def actor(environ: Mapping[str, str]) -> str:
    """Who acts: ``ADMSYNC_ACTOR`` (say ``cron``), or the user the program runs as."""
    import getpass  # noqa: PLC0415 - the help text does without it

    name = environ.get("ADMSYNC_ACTOR")
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError):  # a user whom the system knows by number alone
            name = f"uid {os.getuid()}"
    # Bytes of the environment that are no UTF-8 come as lone surrogates, which no column holds.
    return name.encode("utf-8", "replace").decode()
