"""Secrets that stand in files of their own, named by the setting's name with _FILE behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.database.settings import SETTINGS, DatabaseSettings
from ledger.errors import SettingsError
from ledger.settings.environment import Environment, Kind, Setting
from sync.administrate.settings import AdministrateSettings
from sync.settings import settings_in_use

SECRET = Setting("A", "a secret", Kind.SECRET)
PLAIN = Setting("B", "a text")


def secret_file(tmp_path: Path, content: bytes = b"goose berry\n", mode: int = 0o600) -> str:
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("content", [b"goose berry", b"goose berry\n", b"goose berry\r\n"])
@pytest.mark.parametrize("mode", [0o400, 0o444, 0o600])
def test_a_secret_is_the_line_of_its_file(tmp_path: Path, content: bytes, mode: int) -> None:
    given = Environment({"A_FILE": secret_file(tmp_path, content, mode)}).with_secrets([SECRET])
    assert given["A"] == "goose berry"
    assert given.source("A") == "the environment"
    assert "A_FILE" not in given
    assert "goose" not in repr(given)


def test_a_link_to_the_file_is_followed_as_orchestrators_make_them(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(secret_file(tmp_path))
    given = Environment({"A_FILE": str(tmp_path / "link")}).with_secrets([SECRET])
    assert given["A"] == "goose berry"


def test_what_is_no_secret_is_read_from_no_file(tmp_path: Path) -> None:
    given = Environment({"B_FILE": secret_file(tmp_path)}).with_secrets([PLAIN])
    assert "B" not in given


def test_both_forms_of_one_source_are_told() -> None:
    given = Environment({"A": "goose", "A_FILE": "/gone"})
    with pytest.raises(SettingsError, match="A and A_FILE are both set; unset one") as caught:
        given.with_secrets([SECRET])
    assert "goose" not in str(caught.value)


def test_the_environment_goes_before_a_file_of_settings_in_either_form(tmp_path: Path) -> None:
    own = Environment({"A": "mine"}, {"A_FILE": "/gone"}).with_secrets([SECRET])
    assert own["A"] == "mine"
    filed = Environment({"A_FILE": secret_file(tmp_path)}, {"A": "other"}).with_secrets([SECRET])
    assert (filed["A"], filed.source("A")) == ("goose berry", "the environment")


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b"", 0o600, "it is empty"),
        (b"\n", 0o600, "it is empty"),
        (b"goose\nberry\n", 0o600, "it holds more than one line"),
        (b"goose\0", 0o600, "it holds a NUL character"),
        (b"goose\xff", 0o600, "it is not UTF-8 text"),
        (b"goose" * 100_000, 0o600, "it is larger than 256 kB"),
        (b"goose", 0o666, "can be written by others"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_without_its_content(
    tmp_path: Path, content: bytes, mode: int, said: str
) -> None:
    file = secret_file(tmp_path, content, mode)
    with pytest.raises(SettingsError) as caught:
        Environment({"A_FILE": file}).with_secrets([SECRET])
    assert said in str(caught.value)
    assert file in str(caught.value)
    assert "goose" not in str(caught.value)


@pytest.mark.parametrize("place", ["/gone", "/dev/zero", "/"])
def test_a_place_that_is_no_file_of_a_secret_is_told(place: str) -> None:
    with pytest.raises(SettingsError, match=place):
        Environment({"A_FILE": place}).with_secrets([SECRET])


def test_the_database_and_administrate_take_theirs_from_files(tmp_path: Path) -> None:
    file = secret_file(tmp_path)
    database = DatabaseSettings.from_environment({"DB_NAME": "db", "DB_PASSWORD_FILE": file})
    assert database.parameters["password"] == "goose berry"
    administrate = AdministrateSettings.from_environment(
        {
            **dict.fromkeys(("ADMINISTRATE_API_URL", "ADMINISTRATE_AUTH_URL"), "a.example"),
            "ADMINISTRATE_INSTANCE_URL": "a.example",
            "ADMINISTRATE_API_KEY": "key",
            "ADMINISTRATE_API_SECRET_FILE": file,
        }
    )
    assert administrate.api_secret == "goose berry"


def test_a_secret_of_a_file_goes_to_no_address_of_another_source(tmp_path: Path) -> None:
    named = {"DB_NAME": "db", "DB_PASSWORD_FILE": secret_file(tmp_path)}
    given = Environment(named, {"DB_HOST": "elsewhere"}, tmp_path / ".env")
    with pytest.raises(SettingsError, match="a secret goes to no address of another source"):
        DatabaseSettings.from_environment(given)


def test_doctor_shows_the_file_and_not_the_secret(tmp_path: Path) -> None:
    file = secret_file(tmp_path)
    shown = settings_in_use(Environment({"DB_NAME": "db", "DB_PASSWORD_FILE": file}))
    assert [one.value for one in shown if one.name == "DB_PASSWORD_FILE"] == [file]
    assert "goose" not in repr(shown)


def test_every_secret_of_the_database_can_come_from_a_file() -> None:
    assert {one.of_file for one in SETTINGS if one.kind is Kind.SECRET} == {
        *("DATABASE_URL_FILE", "DB_PASSWORD_FILE", "PGPASSWORD_FILE")
    }
