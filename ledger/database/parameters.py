"""The parameters of a connection: from ``DATABASE_URL``, and from libpq's variables beside it.

What is wrong with a URL is reported without quoting it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from ledger.errors import DatabaseError

# The variable of each connection parameter, as the libpq in use has them.
BY_PARAMETER: Mapping[str, str] = {
    option.keyword.decode(): option.envvar.decode()
    for option in Conninfo.get_defaults()
    if option.envvar
}
# The variables that name a server.
NAMING = ("PGSERVICE", "PGHOST", "PGHOSTADDR", "PGDATABASE")
_ADDRESS = ("PGHOST", "PGHOSTADDR", "PGPORT")
# Variables of no parameter: the place of services, and defaults of the session, which ``session``
# sets.
_SERVICES = ("PGSERVICEFILE", "PGSYSCONFDIR")
_SESSION = ("PGTZ", "PGDATESTYLE", "PGGEQO", "PGLOCALEDIR", "PGCLIENTENCODING", "PGAPPNAME")
_EVERY = frozenset({*BY_PARAMETER.values(), *_SERVICES, *_SESSION})
_FORM = "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
_ENCODE = (
    "in a user or password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25,"
    " or set DB_NAME, DB_USER, DB_PASSWORD, DB_HOST and DB_PORT instead"
)
# The names of PostgreSQL in URLs of web frameworks; a driver may follow (postgresql+psycopg).
_SCHEMES = ("postgresql", "postgres", "postgis", "psql", "pgsql")
# The driver's own parameter, which libpq does not know.
_OF_DRIVER = "prepare_threshold"
_URL = re.compile(
    r"([a-z][a-z0-9.-]*)(?:\+[a-z0-9_]*)?://([^?]*)(?:\?(.*))?", re.IGNORECASE | re.DOTALL
)


def parameters_of(url: str) -> dict[str, Any]:
    """The parameters that a URL means, as the driver takes them.

    Raises ``DatabaseError``, without a word of the URL that may be of its password.
    """
    matched = _URL.fullmatch(url.strip())
    if matched is None:
        raise DatabaseError(f"DATABASE_URL is not a URL; {_FORM}")
    scheme, rest, query = matched.groups()
    if scheme.lower() not in _SCHEMES:
        raise DatabaseError(
            f"DATABASE_URL names a {scheme.lower()} database; admsync needs PostgreSQL"
        )
    if "@" in (query or ""):
        raise DatabaseError(f"DATABASE_URL is not a URL; {_FORM}; {_ENCODE}")
    options = _read_query(query or "")
    try:
        # libpq refuses a bare space, which other tools leave in a password.
        read = conninfo_to_dict(f"postgresql://{rest.replace(' ', '%20')}")
    except (psycopg.Error, UnicodeDecodeError):
        raise DatabaseError(f"DATABASE_URL is not a URL; {_FORM}; {_ENCODE}") from None
    _refuse_unencoded(rest, read)
    return {**{name: value for name, value in read.items() if value}, **options}


def _read_query(query: str) -> dict[str, Any]:
    """The parameters of a query: libpq's, and the driver's own."""
    parameters: dict[str, Any] = {}
    for part in filter(None, query.split("&")):
        name, value = (unquote(text) for text in (*part.split("=", 1), "")[:2])
        if name in parameters:
            raise DatabaseError(f"DATABASE_URL gives the option {name!r} twice")
        parameters[name] = _prepare_threshold(value.strip()) if name == _OF_DRIVER else value
        if name != _OF_DRIVER:
            _refuse_unknown(name, value)
    return parameters


def _prepare_threshold(value: str) -> int | None:
    if value.lower() in ("", "none", "null"):
        return None
    if not value.isdecimal():
        raise DatabaseError(
            f"DATABASE_URL: {_OF_DRIVER} is {value!r}; expected a whole number, or none"
        )
    return int(value)


def _refuse_unknown(name: str, value: str) -> None:
    try:
        conninfo_to_dict(f"postgresql://?{quote(name, safe='')}={quote(value, safe='')}")
    except psycopg.Error:
        # Not quoted but for letters: a password with ? in it ends up here, too.
        shown = f" {name!r}" if re.fullmatch(r"[a-z_]{1,40}", name) and value else ""
        raise DatabaseError(
            f"DATABASE_URL: invalid connection option{shown}; known are those of libpq and"
            f" {_OF_DRIVER}"
        ) from None


def _refuse_unencoded(rest: str, read: Mapping[str, Any]) -> None:
    """A bare @, / or # in a password turns up in the host, the port or the path."""
    host, port = str(read.get("host", "")), str(read.get("port", ""))
    bad_port = any(one and not one.isdecimal() for one in port.split(","))
    path = rest.partition("/")[2]
    if "@" in host or "#" in rest or bad_port or "@" in path:
        raise DatabaseError(f"DATABASE_URL is not a URL; {_FORM}; {_ENCODE}")


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """libpq's variables that count where they name the server."""
    # A service goes before an address, but psycopg looks a host up before libpq reads the service.
    return _variables(environ, _ADDRESS if "PGSERVICE" in environ else ())


def variables_beside(environ: Mapping[str, str], given: Collection[str]) -> dict[str, str]:
    """libpq's variables that count beside the parameters ``given``: defaults for the others, but
    none that leads to another server than the one they name."""
    ignored = {"PGSERVICE", *(BY_PARAMETER.get(parameter, "") for parameter in given)}
    if "service" not in given:
        ignored.update(_SERVICES)
    if names_server(given):
        ignored.update(_ADDRESS)
    return _variables(environ, ignored)


def _variables(environ: Mapping[str, str], ignored: Collection[str]) -> dict[str, str]:
    return {name: environ[name] for name in _EVERY.difference(_SESSION, ignored) if name in environ}


def names_server(given: Collection[str]) -> bool:
    """Whether parameters say where a server is."""
    return not {"host", "hostaddr", "service"}.isdisjoint(given)


@contextmanager
def without_variables() -> Iterator[None]:
    """Hides libpq's variables, which are for another server, from a connection that is made."""
    kept = {name: os.environ.pop(name) for name in _EVERY if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def put_in_place(chosen: Mapping[str, str]) -> None:
    """Leaves libpq these of its variables, and none that happens to be set beside them.

    libpq reads the process's environment itself, and prefers a service's file to it, so the
    variables cannot be given as parameters.
    """
    for name in _EVERY:
        os.environ.pop(name, None)
    for name, value in chosen.items():
        # As UTF-8, whatever the locale.
        os.environ[name] = os.fsdecode(value.encode("utf-8", "surrogateescape"))
