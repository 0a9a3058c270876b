"""The layers of the tests: which one a test belongs to, and what a unit test must not touch.

A test has exactly one layer, and it is a marker: ``pytest -m unit``.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

LAYERS = ("unit", "integration", "survival", "benchmarks")

# Of hundreds of generated cases: values to values, but not in a minute.
GENERATED = {
    "tests/importer/test_generated.py": "integration",
    "tests/sync/administrate/test_conformity.py": "integration",
}
# By folder or module, the longest name first where several apply. What is not named here is told by
# its fixtures: with one that serves something it is an integration test, without any a unit test.
DECLARED = {
    **GENERATED,
    "tests/benchmarks/": "benchmarks",
    "tests/importer/pages/test_commands.py": "integration",
    "tests/importer/test_changes_survive.py": "survival",
    "tests/importer/test_demo.py": "integration",
    "tests/importer/test_killed_at_random.py": "survival",
    "tests/importer/test_survival.py": "survival",
    "tests/ledger/builtin/": "integration",
    "tests/ledger/builtin/test_crashes.py": "survival",
    "tests/ledger/test_busy_database.py": "survival",
    "tests/ledger/test_env_file.py": "integration",
    "tests/ledger/test_kills.py": "survival",
    "tests/ledger/test_lost_connections.py": "survival",
    "tests/ledger/test_lost_locks.py": "survival",
    "tests/ledger/test_migrations.py": "integration",
    "tests/ledger/test_naming_a_server.py": "integration",
    "tests/ledger/test_settings.py": "integration",
    "tests/ledger/test_unusable_databases.py": "integration",
    "tests/rollback/test_killed_at_random.py": "survival",
    "tests/rollback/test_killed_imports.py": "survival",
    "tests/sync/administrate/test_connections.py": "integration",
    "tests/sync/against_sandbox/test_every_fault.py": "survival",
    "tests/sync/against_sandbox/test_killed_while_writing.py": "survival",
    "tests/sync/sandbox/test_command.py": "integration",
    "tests/sync/sandbox/test_survival.py": "survival",
    "tests/sync/test_interrupted.py": "survival",
    "tests/sync/reports/test_night.py": "integration",
    "tests/sync/test_syncs.py": "integration",
    "tests/test_command_lines.py": "integration",
    "tests/test_days.py": "integration",
    "tests/test_deployment_files.py": "integration",
    "tests/test_program.py": "integration",
    "tests/test_readme.py": "integration",
    "tests/test_settings.py": "integration",
}
SERVES = {"administrate", "company_sandbox", "databases", "server", "whole_cluster"}

_TOUCHING = {
    *("os.exec", "os.fork", "os.posix_spawn", "subprocess.Popen"),
    *("socket.bind", "socket.connect", "socket.getaddrinfo"),
}
_watched: dict[int, list[str]] = {}


def layer(module: str, fixtures: Iterable[str]) -> str:
    """The layer of a test in a module (its path from the repository) with these fixtures."""
    for name in sorted(DECLARED, key=len, reverse=True):
        if module.startswith(name):
            return DECLARED[name]
    return "unit" if SERVES.isdisjoint(fixtures) else "integration"


@contextmanager
def touching() -> Iterator[list[str]]:
    """What this thread does meanwhile that no unit test does: the names of audit events."""
    touched: list[str] = []
    thread = threading.get_ident()
    before = _watched.get(thread)
    _watched[thread] = touched
    try:
        yield touched
    finally:
        if before is None:
            del _watched[thread]
        else:
            _watched[thread] = before


def _watch(event: str, _: tuple[object, ...]) -> None:
    if event in _TOUCHING and (touched := _watched.get(threading.get_ident())) is not None:
        touched.append(event)


sys.addaudithook(_watch)
