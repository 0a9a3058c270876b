"""A data directory a test, its server ended with it; one cluster is made and copied for most."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from tests.ledger.builtin.using import User, server_process, use_once, watcher_process

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")


@pytest.fixture(scope="session")
def whole_cluster() -> Iterator[Path]:
    """A data directory with a cluster that was used and is not running."""
    with tempfile.TemporaryDirectory(prefix="admsync-") as name:
        data_dir = Path(name) / "data"
        use_once(data_dir)
        yield data_dir


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the test's user alone can enter. Servers that run in it are ended."""
    with tempfile.TemporaryDirectory(prefix="admsync-", ignore_cleanup_errors=True) as name:
        yield Path(name)
        for cluster in Path(name).rglob("postgresql"):
            for process in (watcher_process(cluster.parent), server_process(cluster.parent)):
                if process is not None:
                    with suppress(psutil.NoSuchProcess):
                        process.send_signal(signal.SIGQUIT)
                    process.wait(60)
            record = cluster.parent / "socket-directory"
            if record.exists():
                shutil.rmtree(record.read_text(), ignore_errors=True)


@pytest.fixture
def new_dir(place: Path) -> Path:
    """A data directory that is not there yet."""
    return place / "data"


@pytest.fixture
def data_dir(place: Path, whole_cluster: Path) -> Path:
    """A data directory with a cluster that is not running."""
    return copied(whole_cluster, place / "data")


def copied(data_dir: Path, target: Path) -> Path:
    """A copy of a data directory, its owners and modes the same."""
    subprocess.run(["cp", "-a", data_dir, target], check=True)
    return target


@pytest.fixture
def used(place: Path) -> Iterator[Callable[..., User]]:
    """Starts processes that use a server; those left at the end are ended, before their place."""
    assert place.is_dir()
    with ExitStack() as users:

        def start(data_dir: Path, **how: object) -> User:
            user = User(data_dir, **how)  # type: ignore[arg-type]  # as they are given
            users.enter_context(user.process)
            return user

        yield start


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory that everybody can enter."""
    path = Path(tempfile.mkdtemp(prefix="admsync-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)
