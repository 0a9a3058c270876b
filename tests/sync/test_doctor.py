"""``admsync doctor``: each thing a run needs is a line, and what is wrong says what to do."""

from __future__ import annotations

import json
from pathlib import Path

from sync.sandbox.process import start_sandbox
from tests.program import admsync


def test_all_is_well_with_a_migrated_database_and_an_administrate(
    database_url: str, tmp_path: Path
) -> None:
    with start_sandbox(tmp_path) as sandbox:
        done = admsync("doctor", url=database_url, settings=sandbox.settings)
    assert done.returncode == 0, done.stdout
    assert [line[0] for line in done.stdout.splitlines()] == ["✓"] * 6


def test_what_is_wrong_is_a_line_each_and_exits_1(empty_database_url: str) -> None:
    done = admsync("doctor", "--json", url=empty_database_url)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["ok"] is False
    wrong = {check["name"]: check["said"] for check in told["checks"] if not check["ok"]}
    assert "admsync migrate" in wrong["schema"]
    assert "ADMINISTRATE_API_URL" in wrong["Administrate's settings"]


def test_credentials_that_are_refused_are_told_without_the_secret(
    database_url: str, tmp_path: Path
) -> None:
    with start_sandbox(tmp_path) as sandbox:
        settings = {**sandbox.settings, "ADMINISTRATE_API_SECRET": "gooseberry-fool-1234"}
        done = admsync("doctor", url=database_url, settings=settings)
    assert done.returncode == 1
    assert "✗ Administrate: " in done.stdout
    assert "gooseberry" not in done.stdout + done.stderr
