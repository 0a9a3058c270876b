"""Everything printed goes through ``ledger/output``, where text from outside is made visible."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOM = ROOT / "ledger" / "output"
MODULES = sorted(
    path
    for package in ("ledger", "sync", "importer")
    for path in (ROOT / package).rglob("*.py")
    if not path.is_relative_to(ROOM)
)
BUILT_IN = {"print", "input", "breakpoint", "help"}
OF_CLICK = {
    *("echo", "echo_via_pager", "secho", "style", "confirm", "prompt", "pause", "progressbar"),
    *("edit", "get_binary_stream", "get_text_stream", "open_file"),
}
ELSEWHERE = {
    **dict.fromkeys(("click", "click.termui", "click.utils"), OF_CLICK),
    "sys": {"stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__", "displayhook"},
    "os": {"write"},
    "traceback": {"print_exc", "print_exception", "print_last", "print_stack", "print_tb"},
    "getpass": {"getpass"},
    "logging": {"basicConfig", "StreamHandler", "lastResort"},
    "structlog": {"configure", "PrintLogger", "WriteLogger", "BytesLogger", "dev"},
}
BARRED = {"rich", "curses", "pprint", "tqdm"}


def printing(tree: ast.AST) -> Iterator[str]:
    """What a module uses that prints or asks."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in BUILT_IN:
                yield name
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                if name in ELSEWHERE.get(module, ()):
                    yield f"{module}.{name}"
            case ast.ImportFrom(module=str(module), names=names):
                if module.partition(".")[0] in BARRED:
                    yield module
                yield from (
                    f"{module}.{one.name}" for one in names if one.name in ELSEWHERE.get(module, ())
                )
            case ast.Import(names=names):
                yield from (one.name for one in names if one.name.partition(".")[0] in BARRED)


def test_no_module_prints_or_asks_in_a_way_of_its_own() -> None:
    found = {path: list(printing(ast.parse(path.read_text()))) for path in MODULES}
    assert {path: ways for path, ways in found.items() if ways} == {}


@pytest.mark.parametrize(
    "source",
    [
        "print('x')",
        "import click\nclick.echo('x')",
        "from click import confirm",
        "import sys\nsys.stdout.write('x')",
        "from sys import stderr",
        "def late():\n    from rich.console import Console",
        "import rich.table",
        "import traceback\ntraceback.print_exc()",
        "import os\nos.write(2, b'x')",
    ],
)
def test_each_other_way_is_found(source: str) -> None:
    assert list(printing(ast.parse(source)))
