"""A package's README names each of its rooms, and nothing that is not there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ledger", "sync", "importer")


def readme(package: str) -> str:
    return (ROOT / package / "README.md").read_text()


def without_examples(package: str) -> str:
    return re.sub(r"^```.*?^```$", "", readme(package), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_room_and_module_is_named(package: str) -> None:
    rooms = {f"{one.parent.name}/" for one in (ROOT / package).glob("*/__init__.py")}
    modules = {one.name for one in (ROOT / package).glob("*.py")} - {"__init__.py"}
    named = set(re.findall(r"`([^`]+)`", without_examples(package)))
    assert rooms | modules <= named


@pytest.mark.parametrize("package", PACKAGES)
def test_every_path_named_is_there(package: str) -> None:
    paths = re.findall(r"`([\w./]+(?:/|\.(?:py|md|toml|sql)))`", without_examples(package))
    missing = [
        one for one in paths if not ((ROOT / package / one).exists() or (ROOT / one).exists())
    ]
    assert paths
    assert missing == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_of_the_python_api_is_there(package: str) -> None:
    names = re.findall(r"`((?:ledger|sync|importer)(?:\.\w+)+)`", without_examples(package))
    assert names
    for one in names:
        module, _, name = one.rpartition(".")
        assert hasattr(import_module(module), name), one


@pytest.mark.parametrize("package", PACKAGES)
def test_a_readme_fits_on_two_screens(package: str) -> None:
    assert len(readme(package).splitlines()) < 80
