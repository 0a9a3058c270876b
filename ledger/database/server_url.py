"""``DATABASE_URL`` as the parameters of a connection; what is wrong with it, without quoting it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ledger.errors import DatabaseError

_FORM = "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
_ENCODE = (
    "in a user or password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25,"
    " or set DB_NAME, DB_USER, DB_PASSWORD, DB_HOST and DB_PORT instead"
)
# How tools of the web's world call PostgreSQL in a URL; a driver may follow (postgresql+psycopg).
_SCHEMES = ("postgresql", "postgres", "postgis", "psql", "pgsql")
_URL = re.compile(
    r"([a-z][a-z0-9.-]*)(?:\+[a-z0-9_]*)?://([^?]*)(?:\?(.*))?", re.IGNORECASE | re.DOTALL
)


def _prepare_threshold(value: str) -> int | None:
    if value.lower() in ("", "none", "null"):
        return None
    number = int(value)
    if number < 0:
        raise ValueError(value)
    return number


# The driver's own parameters, which libpq does not know.
_DRIVER: Mapping[str, tuple[Callable[[str], object], str]] = {
    "prepare_threshold": (_prepare_threshold, "a whole number, or None"),
}


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
    asked, own = _read_query(query or "")
    try:
        # libpq refuses a bare space, which other tools leave in a password.
        read = conninfo_to_dict(f"postgresql://{rest.replace(' ', '%20')}")
    except (psycopg.Error, UnicodeDecodeError):
        raise DatabaseError(f"DATABASE_URL is not a URL; {_FORM}; {_ENCODE}") from None
    _refuse_unencoded(rest, read)
    return {**{name: value for name, value in read.items() if value}, **asked, **own}


def _read_query(query: str) -> tuple[dict[str, str], dict[str, Any]]:
    """The parameters of a query: libpq's, and the driver's own."""
    asked: dict[str, str] = {}
    own: dict[str, Any] = {}
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        name, value = unquote(name), unquote(value)
        if name in asked or name in own:
            raise DatabaseError(f"DATABASE_URL gives the option {name!r} twice")
        if name in _DRIVER:
            parse, expected = _DRIVER[name]
            try:
                own[name] = parse(value.strip())
            except ValueError:
                raise DatabaseError(
                    f"DATABASE_URL: {name} is {value!r}; expected {expected}"
                ) from None
        else:
            asked[name] = value
    for name, value in asked.items():
        try:
            conninfo_to_dict(f"postgresql://?{quote(name, safe='')}={quote(value, safe='')}")
        except psycopg.Error:
            # Not quoted but for letters: a password with ? in it ends up here, too.
            shown = f" {name!r}" if re.fullmatch(r"[a-z_]{1,40}", name) and value else ""
            raise DatabaseError(
                f"DATABASE_URL: invalid connection option{shown}; known are those of libpq and"
                f" {', '.join(_DRIVER)}"
            ) from None
    return asked, own


def _refuse_unencoded(rest: str, read: Mapping[str, Any]) -> None:
    """A bare @, / or # in a password makes nonsense of what is behind it: of the host, the port."""
    host, port = str(read.get("host", "")), str(read.get("port", ""))
    bad_port = any(one and not one.isdecimal() for one in port.split(","))
    path = rest.partition("/")[2]
    if "@" in host or "#" in rest or bad_port or "@" in path:
        raise DatabaseError(f"DATABASE_URL is not a URL; {_FORM}; {_ENCODE}")
