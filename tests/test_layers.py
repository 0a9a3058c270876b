"""Every test has one layer, and a unit test that leaves its process is noticed."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.layers import DECLARED, LAYERS, layer, touching

ROOT = Path(__file__).parents[1]


def test_every_test_collected_has_exactly_one_layer(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        assert len([mark for mark in item.iter_markers() if mark.name in LAYERS]) == 1, item.nodeid


def test_the_markers_are_the_layers(pytestconfig: pytest.Config) -> None:
    assert {line.partition(":")[0] for line in pytestconfig.getini("markers")} >= set(LAYERS)


@pytest.mark.parametrize("name", DECLARED)
def test_what_is_declared_is_there(name: str) -> None:
    assert (ROOT / name).exists()
    assert DECLARED[name] in LAYERS


@pytest.mark.parametrize(
    ("module", "fixtures", "expected"),
    [
        ("tests/importer/test_times.py", ["tmp_path"], "unit"),
        ("tests/importer/test_changes.py", ["company", "databases"], "integration"),
        ("tests/ledger/builtin/test_paths.py", [], "integration"),
        ("tests/ledger/builtin/test_crashes.py", ["whole_cluster"], "survival"),
        ("tests/benchmarks/test_benchmarks.py", ["databases"], "benchmarks"),
    ],
)
def test_the_longest_name_declared_counts(module: str, fixtures: list[str], expected: str) -> None:
    assert layer(module, fixtures) == expected


def test_a_socket_is_noticed() -> None:
    with touching() as touched, socket.socket() as one:
        one.bind(("127.0.0.1", 0))
    assert touched == ["socket.bind"]


def test_a_process_is_noticed() -> None:
    with touching() as touched:
        subprocess.run([sys.executable, "-c", ""], check=True)
    assert "subprocess.Popen" in touched


def test_what_another_thread_does_is_not_the_test_s() -> None:
    def bind() -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))

    with touching() as touched:
        other = threading.Thread(target=bind)
        other.start()
        other.join()
    assert touched == []
