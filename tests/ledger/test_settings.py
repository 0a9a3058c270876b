"""Settings: what the environment says, read without trusting it."""

from __future__ import annotations

import getpass
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.database.settings import DatabaseSettings
from ledger.errors import SettingsError
from ledger.settings.environment import actor


def test_the_actor_is_the_one_named_or_the_user() -> None:
    assert actor({"ADMSYNC_ACTOR": "cron"}) == "cron"
    assert actor({}) == actor({"ADMSYNC_ACTOR": ""}) == getpass.getuser()


def test_a_user_without_a_name_acts_by_number() -> None:
    # Imported before: the user may not be able to reach the interpreter's own modules.
    begin = "import getpass, os; from ledger.settings.environment import actor"
    done = subprocess.run(
        [sys.executable, "-c", f"{begin}; os.setuid(54321); print(actor({{}}))"],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "uid 54321\n", done.stderr


def test_an_actor_of_bytes_that_are_no_text_can_still_be_stored() -> None:
    assert actor({"ADMSYNC_ACTOR": "caf\udce9"}) == "caf?"


@pytest.mark.parametrize("url", [None, ""])
def test_without_a_url_the_server_is_our_own(url: str | None) -> None:
    environ = {} if url is None else {"DATABASE_URL": url}
    settings = DatabaseSettings.from_environment(environ)
    assert settings.url is None
    assert settings.data_dir.is_absolute()


def test_a_url_is_not_in_the_settings_repr() -> None:
    settings = DatabaseSettings.from_environment({"DATABASE_URL": "postgresql://u:secret@h/d"})
    assert settings.url == "postgresql://u:secret@h/d"
    assert "secret" not in repr(settings)


def in_c_locale(value: bytes) -> str:
    """A variable's bytes as Python has them where it takes the environment for ASCII."""
    return value.decode("ascii", "surrogateescape")


def test_settings_are_utf_8_whatever_the_locale() -> None:
    given = {"DB_NAME": "café", "DB_USER": "Zoë", "DB_PASSWORD": "naïve", "DB_HOST": "h"}
    raw = {name: in_c_locale(value.encode()) for name, value in given.items()}
    found = DatabaseSettings.from_environment(raw).parameters
    assert {name: found[name] for name in ("dbname", "user", "password")} == {
        "dbname": "café",
        "user": "Zoë",
        "password": "naïve",
    }
    by_url = DatabaseSettings.from_environment(
        {"DATABASE_URL": in_c_locale("postgresql://Zoë:naïve@h/café".encode())}
    )
    assert by_url.url == "postgresql://Zoë:naïve@h/café"
    libpq = DatabaseSettings.from_environment(
        {"PGHOST": "h", "PGPASSWORD": in_c_locale("naïve".encode())}
    )
    assert libpq.variables["PGPASSWORD"] == "naïve"


@pytest.mark.parametrize("name", ["DB_NAME", "DB_USER", "DB_PASSWORD", "DATABASE_URL"])
def test_a_setting_whose_bytes_are_no_utf_8_is_named_and_not_quoted(name: str) -> None:
    given = {"DB_NAME": "d", "DB_USER": "u", name: in_c_locale(b"secret\xe9")}
    with pytest.raises(SettingsError, match=f"{name} is not UTF-8 text") as caught:
        DatabaseSettings.from_environment(given)
    assert "secret" not in str(caught.value)
