"""Which database the settings name: by URL, as the web application does, as libpq does, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ledger.errors import SettingsError
from ledger.settings.declared import Setting
from ledger.settings.environment import Environment

SETTINGS = (
    Setting("DATABASE_URL", "the database, PostgreSQL 15 or later, as a URL", secret=True),
    Setting("DB_NAME", "the database's name, where DATABASE_URL is not set"),
    Setting("DB_USER", "the role to connect as"),
    Setting("DB_PASSWORD", "its password, as it is, whatever characters it has", secret=True),
    Setting("DB_HOST", "the server's host or socket directory", default="127.0.0.1"),
    Setting("DB_PORT", "its port", default="5432"),
    Setting("PGHOST", "libpq's variables, where neither of these is set"),
    Setting("PGHOSTADDR", "libpq's: the server's numeric address"),
    Setting("PGPORT", "libpq's: its port"),
    Setting("PGDATABASE", "libpq's: the database's name"),
    Setting("PGSERVICE", "libpq's: the service that names all of it"),
    Setting("PGUSER", "libpq's: the role to connect as"),
    Setting("PGPASSWORD", "libpq's: its password", secret=True),
    Setting(
        "ADMSYNC_DATA_DIR",
        "where the built-in database keeps its data",
        default="the user's directory for data",
    ),
    Setting(
        "ADMSYNC_LINGER",
        "how long that one stays up after its last use",
        default="5 minutes",
    ),
)
_APPLICATION = {
    "DB_NAME": "dbname",
    "DB_USER": "user",
    "DB_PASSWORD": "password",
    "DB_HOST": "host",
    "DB_PORT": "port",
}
# What names a database, of the web application's settings in part.
NAMING = (
    "DATABASE_URL",
    *_APPLICATION,
    "PGHOST",
    "PGHOSTADDR",
    "PGSERVICE",
    "PGDATABASE",
    "ADMSYNC_ENV_FILE",
)
_DEFAULTS = {"host": "127.0.0.1", "port": "5432"}
_PASSWORDS = ("DB_PASSWORD", "PGPASSWORD")
_ADDRESSES = ("DB_HOST", "DB_PORT", "PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGSERVICEFILE")


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
        from ledger.database.builtin import linger_seconds  # noqa: PLC0415 - not for the help text

        given = Environment.of(environ)
        data_dir = data_directory(given)
        for look in (_by_url, _by_application, _by_libpq):
            found = look(given)
            if found is not None:
                return cls(data_dir=data_dir, **found)
        return cls(None, data_dir, linger_seconds(given.get("ADMSYNC_LINGER", "")))


def data_directory(environ: Mapping[str, str]) -> Path:
    """``ADMSYNC_DATA_DIR``, or the user's own directory for data."""
    from ledger.database.builtin import default_data_dir  # noqa: PLC0415 - not for the help text

    return Path(environ.get("ADMSYNC_DATA_DIR") or default_data_dir())


def _by_url(given: Environment) -> dict[str, Any] | None:
    from ledger.database.libpq import (  # noqa: PLC0415 - loads the driver
        names_server,
        variables_beside,
    )
    from ledger.database.server_url import parameters_of  # noqa: PLC0415 - likewise

    if "DATABASE_URL" not in given:
        return None
    parameters = parameters_of(given["DATABASE_URL"])
    left = variables_beside(given, parameters)
    secret = ["DATABASE_URL"] if "password" in parameters else []
    address = ["DATABASE_URL"] if names_server(parameters) else []
    _require_one_source(given, left, secret, address)
    return {"url": given["DATABASE_URL"], "variables": left, "named_by": "DATABASE_URL"}


def _by_application(given: Environment) -> dict[str, Any] | None:
    from ledger.database.libpq import variables_beside  # noqa: PLC0415 - loads the driver

    parts = {name: given[name] for name in _APPLICATION if name in given}
    if not parts:
        return None
    if "DB_NAME" not in parts:
        raise SettingsError(
            f"{', '.join(parts)} set, but not DB_NAME, so no database is named; set DB_NAME too,"
            " or DATABASE_URL, or unset them"
        )
    if not parts.get("DB_PORT", "1").strip().isdecimal():
        raise SettingsError(f"DB_PORT is {parts['DB_PORT']!r}; expected a number")
    parameters = {**_DEFAULTS, **{_APPLICATION[name]: value for name, value in parts.items()}}
    left = variables_beside(given, parameters)
    _require_one_source(given, left, ["DB_PASSWORD"], ["DB_HOST", "DB_PORT"])
    return {"url": None, "parameters": parameters, "variables": left, "named_by": "DB_NAME"}


def _by_libpq(given: Environment) -> dict[str, Any] | None:
    from ledger.database.libpq import NAMING, variables  # noqa: PLC0415 - loads the driver

    naming = [name for name in NAMING if name in given]
    if not naming:
        return None
    chosen = variables(given)
    _require_one_source(given, chosen, [], [])
    return {"url": None, "variables": chosen, "named_by": naming[0]}


def _require_one_source(
    given: Environment, variables: Mapping[str, str], secrets: list[str], addresses: list[str]
) -> None:
    given.require_one_source(
        [*secrets, *(name for name in _PASSWORDS if name in variables)],
        [*addresses, *(name for name in _ADDRESSES if name in variables)],
    )
