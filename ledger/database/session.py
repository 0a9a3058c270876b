"""A session with the server: connected, and with every setting that counts as the program wants it.

What a role, a database, a pooler or a variable of libpq's sets beforehand must not decide how
values are read or compared, or how long a statement may take.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import sql
from psycopg.abc import Buffer
from psycopg.types.datetime import TimestampBinaryLoader, TimestampLoader
from psycopg.types.json import set_json_loads
from psycopg.types.string import StrDumperUnknown

from ledger.canonical import escaped
from ledger.errors import DatabaseError

PINNED: Mapping[str, str] = {
    # How values are written and read.
    "client_encoding": "UTF8",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    # How statements are read, and what a name means. pg_catalog goes first of itself, and a
    # temporary table hides none of another's. Triggers of the web application's may need public.
    "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
    "transform_null_equals": "off",
    "array_nulls": "on",
    # Any other value leaves rows out of what an index of subjects finds.
    "gin_fuzzy_search_limit": "0",
    "exit_on_error": "off",
    "quote_all_identifiers": "off",
    "search_path": "public, pg_temp",
    # What a transaction sees, and how long it may take: to wait for a lock that another process
    # holds, and for a client that went silent. A session that holds a run's locks is idle for as
    # long as the run lasts, and has to live that long.
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "lock_timeout": "60s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "10min",
    "idle_session_timeout": "0",
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "15",
    "client_min_messages": "warning",
}
# Settings of servers later than the oldest one we know.
_SINCE: Mapping[int, Mapping[str, str]] = {170000: {"transaction_timeout": "0"}}
# What is committed must be on disk before Administrate is asked for anything.
_DURABLE = sql.SQL(
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)"
)
_OPTION = re.compile(r"(?:-c\s*|--)([A-Za-z_][\w.-]*)=((?:\\.|[^\s\\])*)\s*")


_PROCESSES: WeakKeyDictionary[psycopg.Connection[Any], int] = WeakKeyDictionary()
# No value of ours is a float: 1.50 in a JSON column is that, not the nearest double.
_LOADS = partial(json.loads, parse_float=Decimal)


class _Text(StrDumperUnknown):
    """Text that UTF-8 cannot hold (a file name of any bytes) in the form that payloads store."""

    def dump(self, obj: str) -> Buffer | None:
        try:
            return super().dump(obj)
        except UnicodeEncodeError:
            return super().dump(escaped(obj))


class _MomentOfUTC(TimestampLoader):
    """A timestamp without time zone, which the session writes in UTC, as the moment it means."""

    def load(self, data: Buffer) -> datetime:
        return super().load(data).replace(tzinfo=UTC)


class _BinaryMomentOfUTC(TimestampBinaryLoader):
    """The same where values come in binary."""

    def load(self, data: Buffer) -> datetime:
        return super().load(data).replace(tzinfo=UTC)


def connect(parameters: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """A connection with the session's settings in force.

    They are set after connecting, those of the parameter ``options`` too: a pooler drops or
    refuses what comes with the start of a connection.
    """
    given = {"application_name": "admsync", **parameters}
    wanted = _settings_of(str(given.get("options", "")))
    if wanted:
        # An empty one, lest libpq's own variable comes in its place.
        given["options"] = ""
    connection = _connected({**given, "autocommit": True})
    connection.adapters.register_dumper(str, _Text)
    connection.adapters.register_loader("timestamp", _MomentOfUTC)
    connection.adapters.register_loader("timestamp", _BinaryMomentOfUTC)
    set_json_loads(_LOADS, connection)
    try:
        _set(connection, {**wanted, **_pinned(connection)})
        connection.autocommit = False
    except BaseException:
        connection.close()
        raise
    return connection


def process_of(connection: psycopg.Connection[Any]) -> int:
    """The server's process of a connection made here; libpq may know a pooler's."""
    return _PROCESSES[connection]


def _connected(parameters: Mapping[str, Any]) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(**parameters)
    except UnicodeError:
        # Not quoted: which of them it is the driver does not say, and it may be the password.
        raise DatabaseError(
            "the database's host, name, user or password has characters that none can have; see"
            " DATABASE_URL, DB_NAME and so on, or libpq's variables"
        ) from None


def _pinned(connection: psycopg.Connection[Any]) -> dict[str, str]:
    pinned = dict(PINNED)
    for version, settings in _SINCE.items():
        if connection.info.server_version >= version:
            pinned |= settings
    return pinned


def _set(connection: psycopg.Connection[Any], settings: Mapping[str, str]) -> None:
    calls = [
        sql.SQL("set_config({}, {}, false)").format(name, value) for name, value in settings.items()
    ]
    asked = sql.SQL(", ").join([sql.SQL("pg_backend_pid()"), *calls, _DURABLE])
    [row] = connection.execute(sql.SQL("SELECT {}").format(asked)).fetchall()
    _PROCESSES[connection] = row[0]


def _settings_of(options: str) -> dict[str, str]:
    """The settings of start-up options (``-c NAME=VALUE``); none where there are others, too."""
    if _OPTION.sub("", options.strip()):
        return {}
    return {
        name.replace("-", "_"): re.sub(r"\\(.)", r"\1", value)
        for name, value in _OPTION.findall(options.strip())
    }
