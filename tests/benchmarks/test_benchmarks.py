"""The benchmarks: every line of them can still be measured."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.databases import Databases


def test_every_benchmark_can_be_run_quickly(databases: Databases) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick"],
        env={**os.environ, "TEST_DATABASE_URL": databases.admin_url},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for measured in (
        *("append 1, store alone", "read and decode", "project", "verify", "memory", "history"),
        *(
            "page today",
            "rebuild",
            "fetch",
            "match",
            "venues, 60 @1",
            "sync",
            "10 edited",
            "read and validate",
            "import",
        ),
    ):
        assert measured in done.stdout
