"""What a setting is: declared once, for the program, its doctor, its help and its README."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from ledger.errors import SettingsError

_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@frozen
class Setting:
    """A variable that the program reads; the value of a ``secret`` is never printed. ``default``
    describes the value in effect where it is not set."""

    name: str
    meaning: str
    secret: bool = False
    default: str = ""


def switched_on(environ: Mapping[str, str], name: str) -> bool:
    """Whether a yes-or-no setting says yes (unset: no). SettingsError where it is neither."""
    value = environ.get(name, "").strip().lower()
    if value not in (*_YES, *_NO, ""):
        raise SettingsError(f"{name} is {value!r}; expected 1 or 0")
    return value in _YES


# Read before every other: they say where the others are, or whose word counts.
SETTINGS = (
    Setting("ADMSYNC_ENV_FILE", "the file of settings (also --env-file)", default=".env"),
    Setting(
        "ADMSYNC_ALLOW_MIXED_SOURCES",
        "1: a secret and an address may come from different sources (read from the environment)",
    ),
    Setting("ADMSYNC_ACTOR", "who acts, say cron", default="the user's name"),
)
