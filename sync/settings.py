"""Every setting of the program, with its source."""

from __future__ import annotations

import re

from attrs import frozen

from ledger.database.libpq import BY_PARAMETER
from ledger.database.settings import SETTINGS as DATABASE
from ledger.database.settings import DatabaseSettings
from ledger.errors import AdmsyncError
from ledger.settings.declared import SETTINGS as GENERAL
from ledger.settings.declared import Setting
from ledger.settings.environment import Environment
from sync.administrate.settings import SETTINGS as ADMINISTRATE
from sync.administrate.transport.network import variable

SETTINGS: tuple[Setting, ...] = (*DATABASE, *ADMINISTRATE, *GENERAL)
# A user and password, or a query, in what is no place for them: whose value it is, is not told.
_PASSWORD = re.compile(r"//[^/]*@|:[^/]*@|\?")
_DECLARED = {setting.name for setting in SETTINGS}
# libpq has many more variables; those that are set are listed as well.
LIBPQ = tuple(
    Setting(name, "libpq's", secret=True) for name in sorted({*BY_PARAMETER.values()} - _DECLARED)
)


@frozen
class Found:
    """A setting: its value, its source, and whether it takes effect.

    The value is None for a secret, and where one may be in it.
    """

    name: str
    value: str | None
    source: str
    note: str


def found_settings(given: Environment) -> list[Found]:
    """Every setting that is set, and those with a default that takes effect."""
    naming = named_by(given)
    found = []
    for setting in (*SETTINGS, *LIBPQ):
        name = variable(given, setting.name)
        source = given.source(name)
        if source is not None:
            value = None if setting.secret else _shown(given[name])
            found.append(Found(name, value, source, _note(name, naming)))
        elif setting.default and not (name.startswith("DB_") and naming != "DB_NAME"):
            found.append(Found(name, setting.default, "default", ""))
    return found


def _shown(value: str) -> str | None:
    return None if _PASSWORD.search(value) else value.strip()


def named_by(given: Environment) -> str | None:
    """The setting that names the database, empty for the built-in one; None where it is invalid."""
    try:
        return DatabaseSettings.from_environment(given).named_by
    except AdmsyncError:
        return None


def _note(name: str, naming: str | None) -> str:
    """Why a setting of the database has no effect, where it has none."""
    if naming is None or not name.startswith(("DB_", "PG")):
        return ""
    if name.startswith("DB_") and naming != "DB_NAME":
        return f"not used: {naming} goes before it"
    if name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT") and naming in (
        "DATABASE_URL",
        "DB_NAME",
    ):
        return f"used for nothing that {naming} says"
    return "" if naming else "not used: the built-in database takes none"
