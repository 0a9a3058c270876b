"""Settings come from the environment, and what is wrong with them is told at once."""

from __future__ import annotations

import pytest

from ledger.errors import SettingsError
from sync.administrate.settings import AdministrateSettings

GOOD = {
    "ADMINISTRATE_API_URL": "https://api.getadministrate.com/graphql",
    "ADMINISTRATE_AUTH_URL": "https://auth.getadministrate.com/oauth/token",
    "ADMINISTRATE_INSTANCE_URL": "https://example.administrateapp.com",
    "ADMINISTRATE_API_KEY": "the-key",
    "ADMINISTRATE_API_SECRET": "the-secret",
}


def test_every_missing_variable_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        AdministrateSettings.from_environment({"ADMINISTRATE_API_KEY": "  "})
    assert all(variable in str(caught.value) for variable in GOOD)


def test_an_address_may_be_the_host_or_the_full_one() -> None:
    bare = {"ADMINISTRATE_API_URL": "https://api.getadministrate.com"}
    bare["ADMINISTRATE_AUTH_URL"] = "https://auth.getadministrate.com/"
    for environ in (GOOD, GOOD | bare):
        settings = AdministrateSettings.from_environment(environ)
        assert settings.graphql_url == "https://api.getadministrate.com/graphql"
        assert settings.token_url == "https://auth.getadministrate.com/oauth/token"


@pytest.mark.parametrize(
    "address",
    [
        "http://api.getadministrate.com",
        "ftp://api.getadministrate.com",
        "api.getadministrate.com",
        "https://user:word@api.getadministrate.com",
        "https://api.getadministrate.com:port",
        "https://[::1",
    ],
)
def test_an_address_the_secret_should_not_go_to_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="ADMINISTRATE_AUTH_URL"):
        AdministrateSettings.from_environment(GOOD | {"ADMINISTRATE_AUTH_URL": address})


def test_a_local_address_may_do_without_tls() -> None:
    for address in ("http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"):
        AdministrateSettings.from_environment(GOOD | {"ADMINISTRATE_API_URL": address})


def test_key_and_secret_are_not_shown() -> None:
    shown = repr(AdministrateSettings.from_environment(GOOD))
    assert "the-key" not in shown
    assert "the-secret" not in shown
