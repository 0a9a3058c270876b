"""Every setting of the program: its value, its source, and whether it takes effect.

Run as a program, it prints the table of the README.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from attrs import frozen

from ledger.database.parameters import BY_PARAMETER
from ledger.database.settings import SETTINGS as DATABASE
from ledger.database.settings import DatabaseSettings
from ledger.errors import AdmsyncError
from ledger.masking import without_secrets
from ledger.output.lines import answer_verbatim
from ledger.settings.environment import SETTINGS as GENERAL
from ledger.settings.environment import Environment, Kind, Setting
from sync.administrate.settings import SETTINGS as ADMINISTRATE
from sync.administrate.transport.network import variable

SETTINGS: tuple[Setting, ...] = (*DATABASE, *ADMINISTRATE, *GENERAL)
# libpq's other variables are listed where they are set.
LIBPQ = tuple(
    Setting(name, "libpq's", Kind.SECRET)
    for name in sorted({*BY_PARAMETER.values()} - {one.name for one in SETTINGS})
)
# A user and password, or a query, in a value that should have neither.
_PASSWORD = re.compile(r"//.*@|:.*@|\?", re.DOTALL)
_ADDRESSES = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT")


@frozen
class SettingInUse:
    """A setting: its value, its source, and why it has no effect where it has none.

    The value is None for a secret, and where one may be in it.
    """

    name: str
    value: str | None
    source: str
    note: str


def settings_in_use(given: Environment) -> list[SettingInUse]:
    """Every setting that is set, and those with a default that takes effect."""
    naming = named_by(given)
    in_use = []
    for setting in (*SETTINGS, *LIBPQ):
        name = variable(given, setting.name)
        source = given.source(name)
        if source is not None:
            value = None if setting.kind is Kind.SECRET else _openly(given[name])
            in_use.append(SettingInUse(name, value, source, _note(name, naming)))
        elif setting.kind is Kind.SECRET and (source := given.source(setting.of_file)):
            note = _note(name, naming)
            value = _openly(given[setting.of_file])
            in_use.append(SettingInUse(setting.of_file, value, source, note))
        elif setting.default and not (name.startswith("DB_") and naming != "DB_NAME"):
            in_use.append(SettingInUse(name, setting.default, "default", ""))
    return in_use


def _openly(value: str) -> str | None:
    """A value as it is shown; None where a secret may be in it."""
    hidden = _PASSWORD.search(value) or without_secrets(value) != value
    return None if hidden else value.strip()


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
    if name in _ADDRESSES and naming in ("DATABASE_URL", "DB_NAME"):
        return f"used for nothing that {naming} says"
    return "" if naming else "not used: the built-in database takes none"


def readme_table() -> Iterator[str]:
    """The lines of the README's table: settings of one meaning are one row."""
    yield from ("| setting | meaning |", "| --- | --- |")
    for meaning, group in groupby(SETTINGS, key=lambda one: one.meaning):
        settings = list(group)
        defaults = [f"`{one.name}` is {one.default}" for one in settings if one.default]
        if len(settings) == 1:
            defaults = [one.default for one in settings if one.default]
        default = f"; by default {', '.join(defaults)}" if defaults else ""
        names = ", ".join(f"`{one.name}`" for one in settings)
        yield f"| {names} | {meaning}{default} |"


if __name__ == "__main__":
    for row in readme_table():
        answer_verbatim(row)
