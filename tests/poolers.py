"""pgbouncer before a test's database, where it is installed (``apt-get install pgbouncer``)."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.database.parameters import parameters_of

_INSTALLED = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
needs_pgbouncer = pytest.mark.skipif(_INSTALLED is None, reason="pgbouncer is not installed")
# Of a server, what pgbouncer can be told.
_KNOWN = ("host", "port", "user", "password")
_SETTINGS = """
[databases]
* = {server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = {ignored}
server_reset_query = {reset}
max_client_conn = 100
default_pool_size = 20
query_wait_timeout = 10
"""


@contextmanager
def pooled(url: str, mode: str, *, ignored: str = "", reset: str = "DISCARD ALL") -> Iterator[str]:
    """The URL of a pgbouncer before the database at a URL, in a pool mode of its own.

    Start-up parameters that are not ``ignored`` (dropped) it refuses, but for a few.
    """
    parameters = parameters_of(url)
    known = {name: parameters[name] for name in _KNOWN if name in parameters}
    with tempfile.TemporaryDirectory(prefix="admsync-pgbouncer-") as name:
        directory = Path(name)
        account = _account(url)
        os.chown(directory, account.pw_uid, account.pw_gid)
        port = _free_port()
        file = directory / "pgbouncer.ini"
        file.write_text(
            _SETTINGS.format(
                server=" ".join(f"{key}='{value}'" for key, value in known.items()),
                port=port,
                mode=mode,
                ignored=ignored,
                reset=reset,
            )
        )
        os.chown(file, account.pw_uid, account.pw_gid)
        file.chmod(0o600)
        with _running(file, account):
            yield f"postgresql://anybody@127.0.0.1:{port}/{parameters['dbname']}?sslmode=disable"


@contextmanager
def _running(file: Path, account: pwd.struct_passwd) -> Iterator[None]:
    assert _INSTALLED
    as_account: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    process = subprocess.Popen(
        [_INSTALLED, file],
        cwd=file.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **as_account,
    )
    with process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "process up" in line:
                break
        else:
            pytest.fail(f"pgbouncer did not start: {''.join(said)}")
        try:
            yield
        finally:
            process.terminate()
            process.communicate()


def _account(url: str) -> pwd.struct_passwd:
    """Who pgbouncer runs as: whom the server lets in, and never root, which it refuses."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    host = parameters_of(url).get("host", "")
    if not host.startswith("/"):
        return pwd.getpwnam("nobody")
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row
    return pwd.getpwuid(Path("/proc", row[0].split()[0]).stat().st_uid)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port
