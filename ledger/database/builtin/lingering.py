"""How long the server stays up after its last use, so that the next command is instant."""

from __future__ import annotations

import re

from ledger.errors import SettingsError

_DEFAULT = "5m"
LONGEST_SECONDS = 24 * 60 * 60
_SECONDS = {"s": 1, "m": 60, "h": 3600, "": 60}
_DURATION = re.compile(r"([0-9]{1,6})\s*([smh]?)", re.ASCII | re.IGNORECASE)


def linger_seconds(setting: str) -> float:
    """The seconds that ``ADMSYNC_LINGER`` means: minutes, or a number with ``s``, ``m`` or ``h``.

    Unset, five minutes. Raises ``SettingsError`` for anything else, and for more than a day.
    """
    found = _DURATION.fullmatch(setting.strip() or _DEFAULT)
    seconds = int(found[1]) * _SECONDS[found[2].lower()] if found else -1
    if not 0 <= seconds <= LONGEST_SECONDS:
        raise SettingsError(
            f"ADMSYNC_LINGER is {setting!r}; expected minutes, or a duration like 90s, 10m or 2h,"
            " of at most a day"
        )
    return float(seconds)
