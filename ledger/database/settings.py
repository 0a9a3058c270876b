"""Which database the settings name: by URL, as the web application does, as libpq does, or none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ledger.database.builtin.directory import LONGEST_LINGER
from ledger.errors import SettingsError
from ledger.output.words import several
from ledger.settings.environment import ENV_FILE, Environment, Kind, Setting

_OF_APPLICATION = (
    "the web application's own, where that is not set; a password may have any characters"
)
_OF_LIBPQ = (
    "libpq's, as its others, where neither of these is set; beside them, they fill in what is not"
    " given, but never lead to another server"
)
URL = Setting(
    "DATABASE_URL",
    "the database, PostgreSQL 15 or later: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE` with"
    " libpq's options and `prepare_threshold` behind it",
    Kind.SECRET,
)
# By the parameter of a connection that each is.
APPLICATION = {
    "dbname": Setting("DB_NAME", _OF_APPLICATION),
    "user": Setting("DB_USER", _OF_APPLICATION),
    "password": Setting("DB_PASSWORD", _OF_APPLICATION, Kind.SECRET),
    "host": Setting("DB_HOST", _OF_APPLICATION, Kind.ADDRESS, "127.0.0.1"),
    "port": Setting("DB_PORT", _OF_APPLICATION, Kind.PORT, "5432"),
}
LIBPQ = (
    Setting("PGHOST", _OF_LIBPQ, Kind.ADDRESS),
    Setting("PGHOSTADDR", _OF_LIBPQ, Kind.ADDRESS),
    Setting("PGPORT", _OF_LIBPQ, Kind.PORT),
    Setting("PGDATABASE", _OF_LIBPQ),
    Setting("PGSERVICE", _OF_LIBPQ, Kind.ADDRESS),
    Setting("PGSERVICEFILE", _OF_LIBPQ, Kind.ADDRESS),
    Setting("PGUSER", _OF_LIBPQ),
    Setting("PGPASSWORD", _OF_LIBPQ, Kind.SECRET),
)
DATA_DIR = Setting(
    "ADMSYNC_DATA_DIR",
    "where the built-in database keeps its data (of root: `/var/lib/admsync`)",
    default="the user's directory for data",
)
LINGER = Setting(
    "ADMSYNC_LINGER",
    "how long that one stays up after its last use: minutes, or a duration like `90s`, `10m`,"
    " `2h`; `0` for not at all",
    Kind.DURATION,
    "5 minutes",
)
SETTINGS = (URL, *APPLICATION.values(), *LIBPQ, DATA_DIR, LINGER)
# The settings that name a database, if only in part.
NAMING = (
    URL.name,
    *(one.name for one in APPLICATION.values()),
    *("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"),
    *(URL.of_file, APPLICATION["password"].of_file),
    ENV_FILE.name,
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "": 60}
_DURATION = re.compile(r"([0-9]{1,6})\s*([smh]?)", re.ASCII | re.IGNORECASE)


@frozen
class DatabaseSettings:
    """Where the ledger lives: at ``url``, or where the ``parameters`` and libpq's own ``variables``
    say; where nothing is named, on a server of the program's own under ``data_dir``, which stays up
    for ``linger`` seconds after its last use."""

    url: str | None = field(repr=False)
    data_dir: Path
    linger: float = 0.0
    parameters: Mapping[str, str] = field(factory=dict, repr=False)
    variables: Mapping[str, str] = field(factory=dict, repr=False)
    named_by: str = ""

    @property
    def builtin(self) -> bool:
        """Whether the database is the one that comes with the program."""
        return self.url is None and not self.named_by

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> DatabaseSettings:
        """The database that ``DATABASE_URL``, else ``DB_NAME``, else libpq's variables name.

        Raises ``SettingsError`` where they name one in part, or put a password and an address of
        different sources together, and ``DatabaseError`` for a URL that is none.
        """
        given = Environment.of(environ).with_secrets(SETTINGS)
        data_dir = data_directory(given)
        for named in (_by_url, _by_application, _by_libpq):
            server = named(given)
            if server is not None:
                return cls(data_dir=data_dir, **server)
        return cls(None, data_dir, linger_seconds(given.get(LINGER.name, "")))


def data_directory(environ: Mapping[str, str]) -> Path:
    """``ADMSYNC_DATA_DIR``, or the user's own directory for data."""
    from ledger.database.builtin import default_data_dir  # noqa: PLC0415 - not for the help text

    return Path(environ.get(DATA_DIR.name) or default_data_dir())


def linger_seconds(value: str) -> float:
    """``ADMSYNC_LINGER`` in seconds: minutes, or a number with ``s``, ``m`` or ``h``; five minutes
    where it is empty. Raises ``SettingsError`` for anything else, and for more than a day."""
    matched = _DURATION.fullmatch(value.strip() or "5m")
    seconds = int(matched[1]) * _SECONDS[matched[2].lower()] if matched else -1
    if not 0 <= seconds <= LONGEST_LINGER:
        raise LINGER.wrong(value)
    return float(seconds)


def _by_url(given: Environment) -> dict[str, Any] | None:
    from ledger.database.parameters import (  # noqa: PLC0415 - loads the driver
        names_server,
        parameters_of,
        variables_beside,
    )

    if URL.name not in given:
        return None
    parameters = parameters_of(given[URL.name])
    variables = variables_beside(given, parameters)
    secrets = [URL.name] if "password" in parameters else []
    addresses = [URL.name] if names_server(parameters) else []
    _require_one_source(given, variables, secrets, addresses)
    return {"url": given[URL.name], "variables": variables, "named_by": URL.name}


def _by_application(given: Environment) -> dict[str, Any] | None:
    from ledger.database.parameters import variables_beside  # noqa: PLC0415 - loads the driver

    parts = {
        parameter: one.text(given) for parameter, one in APPLICATION.items() if one.name in given
    }
    if not parts:
        return None
    if "dbname" not in parts:
        names = ", ".join(APPLICATION[parameter].name for parameter in parts)
        raise SettingsError(
            f"{names} {several(len(parts), 'is', 'are')} set, but not DB_NAME, so no database is"
            f" named; set DB_NAME or DATABASE_URL, or unset {several(len(parts), 'it', 'them')}"
        )
    if not parts.get("port", "1").strip().isdecimal():
        raise APPLICATION["port"].wrong(parts["port"])
    defaults = {parameter: one.default for parameter, one in APPLICATION.items() if one.default}
    parameters = {**defaults, **parts}
    variables = variables_beside(given, parameters)
    _require_one_source(given, variables, ["DB_PASSWORD"], ["DB_HOST", "DB_PORT"])
    return {"url": None, "parameters": parameters, "variables": variables, "named_by": "DB_NAME"}


def _by_libpq(given: Environment) -> dict[str, Any] | None:
    from ledger.database.parameters import NAMING, variables  # noqa: PLC0415 - loads the driver

    naming = [name for name in NAMING if name in given]
    if not naming:
        return None
    chosen = variables(given)
    _require_one_source(given, chosen, [], [])
    return {"url": None, "variables": chosen, "named_by": naming[0]}


def _require_one_source(
    given: Environment, variables: Mapping[str, str], secrets: list[str], addresses: list[str]
) -> None:
    """``secrets`` and ``addresses`` beside those among the variables must be of one source."""
    named = [one for one in (*APPLICATION.values(), *LIBPQ) if one.name in variables]
    given.require_one_source(
        [*secrets, *(one.name for one in named if one.kind is Kind.SECRET)],
        [*addresses, *(one.name for one in named if one.kind in (Kind.ADDRESS, Kind.PORT))],
    )
