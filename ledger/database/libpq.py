"""libpq's variables (``PGHOST`` and so on): which of them count for a connection."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping

from psycopg.pq import Conninfo

# The variable of each connection parameter, as the libpq in use has them.
BY_PARAMETER: Mapping[str, str] = {
    option.keyword.decode(): option.envvar.decode()
    for option in Conninfo.get_defaults()
    if option.envvar
}
# Those that name a server; the rest only say how to talk to one.
NAMING = ("PGSERVICE", "PGHOST", "PGHOSTADDR", "PGDATABASE")
_ADDRESS = ("PGHOST", "PGHOSTADDR", "PGPORT")
# Beside the parameters': where services are looked up, and defaults of the session, which are
# ours to set.
_SERVICES = ("PGSERVICEFILE", "PGSYSCONFDIR")
_SESSION = ("PGTZ", "PGDATESTYLE", "PGGEQO", "PGLOCALEDIR", "PGCLIENTENCODING", "PGAPPNAME")
_EVERY = frozenset({*BY_PARAMETER.values(), *_SERVICES, *_SESSION})


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """libpq's variables that count where they name the server."""
    found = {name: environ[name] for name in _EVERY - {*_SESSION} if name in environ}
    if "PGSERVICE" in found:
        # A service goes before these, but psycopg looks a host up before libpq reads the service.
        _drop(found, _ADDRESS)
    return found


def variables_beside(environ: Mapping[str, str], given: Collection[str]) -> dict[str, str]:
    """libpq's variables that count beside the parameters ``given``: defaults for what is not among
    these, but none that leads to another server than the one they name."""
    left = {name: environ[name] for name in _EVERY - {*_SESSION} if name in environ}
    _drop(left, ["PGSERVICE", *(BY_PARAMETER.get(parameter, "") for parameter in given)])
    if "service" not in given:
        _drop(left, _SERVICES)
    if names_server(given):
        _drop(left, _ADDRESS)
    return left


def names_server(given: Collection[str]) -> bool:
    """Whether parameters say where a server is."""
    return not {"host", "hostaddr", "service"}.isdisjoint(given)


def _drop(found: dict[str, str], names: Iterable[str]) -> None:
    for name in names:
        found.pop(name, None)


def put_in_place(chosen: Mapping[str, str]) -> None:
    """Leaves libpq these of its variables, and none that happens to be set beside them.

    libpq reads the process's environment itself, and prefers a service's file to it, so the
    variables cannot be given as parameters.
    """
    for name in _EVERY:
        os.environ.pop(name, None)
    os.environ.update(chosen)
