"""Every command line that the program or its README names works as it is pasted into bash or zsh:
its command and options are there, and the shell takes nothing in it for its own."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from importer.program import COMMANDS, GROUPS, OTHER_WORDS, program
from ledger.cli.command import Command
from tests.test_readme import DOCUMENTS, blocks

ROOT = Path(__file__).parents[1]
# A command line in a sentence, up to where it can no longer go on.
_LINE = re.compile(r"(?<![\w/.-])admsync ((?:--?)?[a-z][\w-]*(?: [^\s,;:()“”`…<]+)*)")
_END = re.compile(r"\. |  +| (?=admsync )")
# What a shell takes for its own, outside of quotes.
_OF_SHELLS = re.compile(r"[*?\[\]~#!&|<>$;`]")
VALUE = "VALUE"


def commands(of: click.Command = program, *words: str) -> Iterator[tuple[str, click.Command]]:
    """Each command with its words, those below others too."""
    if isinstance(of, click.Group):
        for name in of.list_commands(click.Context(of)):
            below = of.get_command(click.Context(of), name)
            assert below is not None
            yield from commands(below, *words, name)
    if words:
        yield " ".join(words), of


ALL = dict(commands())


def texts() -> Iterator[tuple[str, str]]:
    """Every text of the program's source, with what is filled in as ``VALUE``, and the README
    with the guides."""
    yield "README.md", re.sub(r"^```.*?^```$", "", DOCUMENTS, flags=re.MULTILINE | re.DOTALL)
    for package in ("ledger", "sync", "importer"):
        yield f"{package}/README.md", (ROOT / package / "README.md").read_text()
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.JoinedStr(values=values):
                        parts = (
                            str(one.value) if isinstance(one, ast.Constant) else VALUE
                            for one in values
                        )
                        yield str(path.relative_to(ROOT)), "".join(parts)
                    case ast.Constant(value=str(text)):
                        yield str(path.relative_to(ROOT)), text


def named() -> set[tuple[str, str]]:
    """Each command line that is named, with where."""
    return {
        (where, line.rstrip("."))
        for where, text in texts()
        for part in _END.split(re.sub(r"\n *", " ", text))
        for line in _LINE.findall(part)
    }


NAMED = sorted(
    (where, line) for where, line in named() if line.split()[0].replace("_", "-") in COMMANDS
)


def typed() -> Iterator[str]:
    """Each whole command line: the examples of the help, and those of the README."""
    for command in ALL.values():
        if isinstance(command, Command):
            yield from command.examples
    for line in "".join(blocks("(?:sh|console)")).splitlines():
        if line.removeprefix("$ ").startswith("admsync "):
            yield line.removeprefix("$ ")


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the words call, and what it is given."""
    _, rest, _ = program.make_parser(click.Context(program)).parse_args(words)
    for number in (2, 1):
        name = " ".join(rest[:number])
        if name in ALL:
            return ALL[name], rest[number:]
    raise AssertionError(f"no command {words}")


@pytest.mark.parametrize("line", sorted(set(typed())))
def test_a_command_line_is_understood(line: str) -> None:
    command, given = command_of(shlex.split(line)[1:])
    values, surplus, _ = command.make_parser(click.Context(command)).parse_args(given)
    missing = [one.name for one in command.params if one.required and one.name not in values]
    assert (surplus, missing) == ([], [])


def test_every_command_has_an_example() -> None:
    without = [name for name, one in ALL.items() if not getattr(one, "examples", ())]
    assert without == []


@pytest.mark.parametrize(("where", "line"), NAMED)
def test_a_command_named_in_a_text_is_there_with_its_options(where: str, line: str) -> None:
    words = line.split()
    command, _ = command_of([words[0].replace("_", "-"), *words[1:2]])
    known = {name for one in (*command.params, *program.params) for name in one.opts}
    assert {word for word in words if word.startswith("--")} <= {*known, "--help"}, where
    assert not _OF_SHELLS.search(re.sub(r"'[^']*'", "", line)), where


def test_there_are_command_lines_of_every_sort() -> None:
    found = {line for _, line in NAMED}
    assert {"migrate --grant ROLE", "resume VALUE", "discrepancies import FILE.xlsx"} <= found


def test_bash_takes_them_as_they_are() -> None:
    lines = sorted(set(typed()))
    script = "set -o history -o histexpand\nadmsync() { printf '%s\\0' \"$@\"; printf '\\n'; }\n"
    done = subprocess.run(
        ["bash", "--norc"],
        input=script + "\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert [one.split("\0")[:-1] for one in done.stdout.splitlines()] == [
        shlex.split(line)[1:] for line in lines
    ]


@pytest.mark.parametrize(("word", "meant"), [("undo", "rollback"), ("import", "import-events")])
def test_a_word_of_other_programs_is_answered_with_ours(word: str, meant: str) -> None:
    with pytest.raises(
        click.UsageError, match=f"There is no command '{word}'. Did you mean {meant}"
    ):
        program.resolve_command(click.Context(program), [word])


def test_other_words_are_no_commands_and_mean_some() -> None:
    assert OTHER_WORDS.keys().isdisjoint(COMMANDS)
    for meant in OTHER_WORDS.values():
        for one in re.split(", | or ", meant):
            command_of(one.split()[:1])
    assert sorted(COMMANDS) == sorted(name for commands in GROUPS.values() for name in commands)
