"""Files that commands write: whole or not at all, over another only with --force."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.files import NewFile, NotWritten


def write(file: NewFile, meanwhile: Callable[[], object] = int) -> None:
    with file.opened() as into:
        into.write(b"new")
        meanwhile()


def test_a_file_is_there_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    write(NewFile(path))
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def a_file(path: Path) -> None:
    path.write_bytes(b"old")


def an_empty_file(path: Path) -> None:
    path.touch()


def a_link(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))
    path.with_name("elsewhere").write_bytes(b"old")


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


THERE = [a_file, an_empty_file, a_link, a_link_to_nothing]


@pytest.mark.parametrize("there", THERE)
def test_what_is_there_is_left_alone(tmp_path: Path, there: Callable[[Path], None]) -> None:
    path = tmp_path / "out.xlsx"
    there(path)
    before = {one.name: one.lstat().st_mtime_ns for one in tmp_path.iterdir()}
    with pytest.raises(NotWritten, match=r"out.xlsx is there already; .* or add --force"):
        NewFile(path).check()
    with pytest.raises(NotWritten, match="is there already"):
        write(NewFile(path))
    assert {one.name: one.lstat().st_mtime_ns for one in tmp_path.iterdir()} == before


@pytest.mark.parametrize("there", THERE)
def test_it_is_written_over_where_that_is_asked_for(
    tmp_path: Path, there: Callable[[Path], None]
) -> None:
    path = tmp_path / "out.xlsx"
    there(path)
    was_link = path.is_symlink()
    write(NewFile(path, replaces=True))
    assert path.read_bytes() == b"new"
    assert path.is_symlink() == was_link


def test_a_file_that_comes_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    with pytest.raises(NotWritten, match="is there already"):
        write(NewFile(path), meanwhile=lambda: path.write_bytes(b"theirs"))
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_in_the_middle_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        write(NewFile(path, replaces=True), meanwhile=lambda: 1 // 0)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["same", "link", "hard", "dotted"])
def test_the_file_that_is_read_is_never_written_over(tmp_path: Path, name: str) -> None:
    given = tmp_path / "in.xlsx"
    given.write_bytes(b"old")
    out = {
        "same": given,
        "link": tmp_path / "link.xlsx",
        "hard": tmp_path / "hard.xlsx",
        "dotted": tmp_path / "." / "in.xlsx",
    }[name]
    if name == "link":
        out.symlink_to(given)
    if name == "hard":
        os.link(given, out)
    with pytest.raises(NotWritten, match="is the file to read"):
        NewFile(out, replaces=True).check(given)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match="there is no folder"):
        write(NewFile(tmp_path / "none" / "out.xlsx"))
    with pytest.raises(NotWritten, match="is a folder"):
        write(NewFile(tmp_path, replaces=True))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_link_that_another_user_planted_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    a_link(path)
    os.lchown(path, 65534, 65534)
    with pytest.raises(NotWritten, match="is a link that another user made"):
        write(NewFile(path, replaces=True))
    assert path.with_name("elsewhere").read_bytes() == b"old"


def test_its_name_until_it_is_whole_cannot_be_guessed(tmp_path: Path) -> None:
    """Where it could, somebody would plant a link there."""
    names: set[str] = set()
    for number in range(5):
        name = f"{number}.xlsx"
        write(
            NewFile(tmp_path / name),
            meanwhile=lambda: names.update(one.name for one in tmp_path.glob(".*.part")),
        )
    assert len(names) == 5
    assert all(len(name) > 12 for name in names)
