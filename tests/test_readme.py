"""The README and the guides are true: their commands exist, and their examples print what they say
they print."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from importer.program import COMMANDS
from sync.settings import SETTINGS, readme_table
from tests.databases import embedded_server
from tests.program import admsync

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
GUIDES = (
    *(f"{package}/GUIDE.md" for package in ("sync", "importer", "ledger")),
    "sync/sandbox/README.md",
)
DOCUMENTS = "\n".join((README, *((ROOT / one).read_text() for one in GUIDES)))


def blocks(kind: str) -> list[str]:
    """The fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", DOCUMENTS, re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[list[str], list[str]]]:
    """Each example's arguments, and the lines it is said to print."""
    found: list[tuple[list[str], list[str]]] = []
    for block in blocks("console"):
        for line in block.splitlines():
            if line.startswith("$ admsync "):
                found.append((shlex.split(line)[2:], []))
            else:
                found[-1][1].append(line)
    return found


_ID = re.compile(r"[0-9a-f]{12}")


def import_of(home: Path) -> str:
    """The id of the demonstration's import."""
    runs = json.loads(admsync("runs", "--json", settings={"ADMSYNC_DATA_DIR": str(home)}).stdout)
    return next(str(run["run_id"]) for run in runs if run["command"] == "import-events")


def general(line: str) -> str:
    """A line without what differs from run to run: ids, links, times, counts and positions."""
    line = re.sub(r"\b[0-9a-f]{8}[0-9a-f-]{4,}\b", "ID", line)
    line = re.sub(r" *\d+", " #", line)
    return re.sub(r"  +", "  ", line)  # a column is as wide as its longest cell


def test_every_command_named_is_there() -> None:
    named = set(re.findall(r"\badmsync ([a-z][a-z-]*)\b", " ".join(blocks("(?:sh|console)"))))
    named |= set(re.findall(r"`admsync ([a-z][a-z-]*)", DOCUMENTS))
    assert named <= COMMANDS.keys()


def test_settings_named_in_the_help_are_explained() -> None:
    told = set(re.findall(r"[A-Z]+_[A-Z_]+", admsync("--help").stdout))
    assert told <= set(re.findall(r"[A-Z]+_[A-Z_]+", README.partition("## Settings")[2]))


def test_the_table_of_settings_is_made_of_their_declarations() -> None:
    assert "\n".join(readme_table()) in README.partition("## Settings")[2]


def test_every_variable_that_the_program_reads_is_declared() -> None:
    read: set[str] = set()
    for package in ("ledger", "sync", "importer"):
        for path in (ROOT / package).rglob("*.py"):
            read |= set(re.findall(r'"((?:ADMSYNC|ADMINISTRATE|DB)_[A-Z_]+)"', path.read_text()))
    assert read
    assert read <= {one.name for one in SETTINGS}


def test_every_link_leads_somewhere() -> None:
    for name, text in (("README.md", README), *((one, (ROOT / one).read_text()) for one in GUIDES)):
        for path in re.findall(r"\]\(([^):#]+)\)", text):
            assert ((ROOT / name).parent / path).exists(), (name, path)
    assert set(GUIDES) <= set(re.findall(r"\]\(([^):#]+)\)", README))


def test_the_readme_can_be_read_at_once() -> None:
    """What is told at length is in the guides."""
    assert len(README.splitlines()) <= 400


def test_the_first_two_commands_need_nothing_but_python_and_pip() -> None:
    for command, last in zip(blocks("sh"), ("admsync demo", "pytest"), strict=False):
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert command.endswith(f" && .venv/bin/{last}\n")


def test_the_examples_print_what_is_printed(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    # One that uses the demo's server all the while spares each example its start and stop.
    with embedded_server(home):
        demo = admsync("demo", settings={"ADMSYNC_DATA_DIR": str(tmp_path)})
        assert demo.returncode == 0, demo.stderr
        imported = import_of(home)
        for example, lines in examples():
            # An id in an example is the import's, whatever its run is called here.
            arguments = [imported if _ID.fullmatch(one) else one for one in example]
            done = admsync(*arguments, settings={"ADMSYNC_DATA_DIR": str(home)}, cwd=home)
            assert done.returncode == 0, done.stderr
            printed = iter(general(line) for line in done.stdout.splitlines())
            for line in lines:
                said, elided, _ = general(line).partition("…")
                if not any(p.startswith(said) if elided else p == said for p in printed):
                    pytest.fail(f"admsync {' '.join(arguments)} does not print {line!r}")
