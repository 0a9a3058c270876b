"""A file of settings: taken as it is written, and only where it is this user's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.errors import SettingsError
from ledger.settings.env_file import read_env_file
from ledger.settings.environment import Environment, environment
from tests.program import admsync

ROOT = getattr(os, "geteuid", lambda: 1)() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root gives files away")
NOBODY = 65534


def settings_of(tmp_path: Path, text: str | bytes) -> dict[str, str]:
    file = tmp_path / ".env"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_env_file(file, named=False)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("export A=exported", "exported"),
        ("A = spaced ", "spaced"),
        ("A='single quoted # no comment'", "single quoted # no comment"),
        ('A="double quoted"', "double quoted"),
        ("A=value # a comment", "value"),
        ("A=p#ss", "p#ss"),
        ("A=#leading", "#leading"),
        ("A=${HOME}-$HOME", "${HOME}-$HOME"),
        ('A="${HOME}"', "${HOME}"),
        ("A=a=b&c", "a=b&c"),
        ("A=a'b", "a'b"),
        ("A=pässwörd", "pässwörd"),
        ("A=back\\slash", "back\\slash"),
    ],
)
def test_a_value_is_as_it_is_written(tmp_path: Path, line: str, value: str) -> None:
    assert settings_of(tmp_path, f"# first\n\n{line}\nB=2\n") == {"A": value, "B": "2"}


@pytest.mark.parametrize("text", [b"\xef\xbb\xbfA=1\r\nB=2\r\n", b"A=1\nA=1\n\n\nB=2", b"B=2\rA=1"])
def test_a_file_of_any_editor_is_read(tmp_path: Path, text: bytes) -> None:
    assert settings_of(tmp_path, text) == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"A=1\n\nnot a setting\n", "line 3: no setting; expected NAME=VALUE"),
        (b"A='unfinished\n", "line 1: no setting"),
        (b'A=1\nSECRET="goose"berry\n', "line 2: no setting"),
        (b"A=\xff\xfe\n", "cannot be read: it is not UTF-8 text"),
        ("A=1\n".encode("utf-16"), "cannot be read: it is not UTF-8 text"),
        (b"A=1\0\n", "it holds a NUL character"),
    ],
)
def test_a_file_that_is_none_of_settings_is_told_without_its_text(
    tmp_path: Path, text: bytes, said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of(tmp_path, text)
    assert said in str(caught.value)
    assert str(tmp_path / ".env") in str(caught.value)
    assert "goose" not in str(caught.value)


def test_a_file_without_measure_is_told_and_read_no_further(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="it is larger than 256 kB"):
        settings_of(tmp_path, "A=1\n" * 100_000)
    with pytest.raises(SettingsError, match="/dev/zero cannot be read: it is larger than 256 kB"):
        read_env_file(Path("/dev/zero"), named=True)


def test_a_directory_of_that_name_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(SettingsError, match="is a directory"):
        read_env_file(tmp_path / ".env", named=False)


def test_a_file_that_is_not_there_is_missed_only_where_it_was_named(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env", named=False) == {}
    with pytest.raises(SettingsError, match=r"\.env\.uat cannot be read: No such file"):
        read_env_file(tmp_path / ".env.uat", named=True)
    (tmp_path / ".env").symlink_to(tmp_path / "gone")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_env_file(tmp_path / ".env", named=False)


@pytest.mark.parametrize("mode", [0o666, 0o606, 0o646])
def test_a_file_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    settings_of(tmp_path, "A=1\n")
    (tmp_path / ".env").chmod(mode)
    with pytest.raises(SettingsError, match=rf"can be written by others \(mode {mode:04o}\)"):
        read_env_file(tmp_path / ".env", named=True)


@as_root
def test_a_file_that_a_group_can_write_is_refused_unless_the_group_is_the_users_own(
    tmp_path: Path,
) -> None:
    settings_of(tmp_path, "A=1\n")
    (tmp_path / ".env").chmod(0o664)
    assert read_env_file(tmp_path / ".env", named=False) == {"A": "1"}
    os.chown(tmp_path / ".env", 0, 1)
    with pytest.raises(SettingsError, match="can be written by others"):
        read_env_file(tmp_path / ".env", named=False)


def test_a_file_in_a_directory_that_others_can_write_is_refused_unless_they_cannot_take_it_away(
    tmp_path: Path,
) -> None:
    settings_of(tmp_path, "A=1\n")
    tmp_path.chmod(0o777)
    with pytest.raises(SettingsError, match="can be written by others"):
        read_env_file(tmp_path / ".env", named=False)
    tmp_path.chmod(0o1777)
    assert read_env_file(tmp_path / ".env", named=False) == {"A": "1"}


@as_root
@pytest.mark.parametrize("named", [False, True])
def test_a_file_of_another_user_is_refused(tmp_path: Path, *, named: bool) -> None:
    settings_of(tmp_path, "A=1\n")
    os.chown(tmp_path / ".env", NOBODY, 0)
    with pytest.raises(SettingsError, match="belongs to another user"):
        read_env_file(tmp_path / ".env", named=named)


@as_root
def test_a_link_is_no_way_around(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("A=1\n")
    os.chown(tmp_path / "theirs", NOBODY, 0)
    (tmp_path / ".env").symlink_to("theirs")
    with pytest.raises(SettingsError, match="theirs belongs to another user"):
        read_env_file(tmp_path / ".env", named=False)
    os.chown(tmp_path / "theirs", 0, 0)
    assert read_env_file(tmp_path / ".env", named=False) == {"A": "1"}
    os.chown(tmp_path / ".env", NOBODY, 0, follow_symlinks=False)
    with pytest.raises(SettingsError, match="belongs to another user"):
        read_env_file(tmp_path / ".env", named=False)


def test_a_pipe_or_no_file_at_all_may_be_named(tmp_path: Path) -> None:
    assert read_env_file(Path("/dev/null"), named=True) == {}
    asked = (
        "import sys; from pathlib import Path; from ledger.settings.env_file import read_env_file;"
        "print(read_env_file(Path('/dev/stdin'), named=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        input="A=1\n",
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.stdout == "{'A': '1'}\n", done.stderr


def test_the_environment_goes_first_and_what_is_empty_is_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_of(tmp_path, "ONE=file\nTWO=file\nTHREE=\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONE", "process")
    monkeypatch.setenv("TWO", "")
    found = environment()
    assert (found["ONE"], found["TWO"], found.get("THREE")) == ("process", "file", None)
    assert "THREE" not in found
    assert {"ONE", "TWO"} <= set(found)
    assert found.source("ONE") == "the environment"
    assert found.source("TWO") == str(tmp_path / ".env")
    assert found.source("THREE") is None
    assert "process" not in repr(found)


def test_another_file_may_be_named_from_the_environment_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_of(tmp_path, "ONE=dotenv\nADMSYNC_ENV_FILE=.env.other\n")
    (tmp_path / ".env.uat").write_text("ONE=uat\n")
    monkeypatch.chdir(tmp_path)
    assert environment()["ONE"] == "dotenv"
    monkeypatch.setenv("ADMSYNC_ENV_FILE", ".env.uat")
    assert environment()["ONE"] == "uat"


@pytest.mark.parametrize(
    ("process", "stored"),
    [
        ({"SECRET": "s"}, {"ADDRESS": "a"}),
        ({"ADDRESS": "a"}, {"SECRET": "s"}),
        ({"SECRET": "s", "OTHER": "a"}, {"ADDRESS": "a"}),
        ({"SECRET": "s"}, {"ADDRESS": "a", "ADMSYNC_ALLOW_MIXED_SOURCES": "1"}),
    ],
)
def test_a_secret_goes_to_no_address_of_another_source_unless_the_environment_says_so(
    process: dict[str, str], stored: dict[str, str]
) -> None:
    def check(**more: str) -> None:
        mixed = Environment({**process, **more}, stored, Path("/srv/.env"))
        mixed.require_one_source(["SECRET"], ["ADDRESS", "OTHER"])

    with pytest.raises(SettingsError, match=r"/srv/\.env.*ADMSYNC_ALLOW_MIXED_SOURCES=1 in the"):
        check()
    check(ADMSYNC_ALLOW_MIXED_SOURCES="1")
    check(SECRET="s", ADDRESS="a")
    with pytest.raises(SettingsError, match="expected 1 or 0"):
        check(ADMSYNC_ALLOW_MIXED_SOURCES="perhaps")


def test_an_option_without_a_file_is_not_another_file() -> None:
    done = admsync("doctor", "--env-file", "", url="")
    assert done.returncode == 2
    assert "expected the name of a file" in done.stderr
