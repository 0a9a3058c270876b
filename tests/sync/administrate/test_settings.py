"""Settings come from the environment, in every form in use; what is wrong is told at once."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest

from ledger.errors import SettingsError
from ledger.settings.environment import Environment
from sync.administrate.settings import AdministrateSettings
from sync.administrate.transport.network import Network

GOOD = {
    "ADMINISTRATE_API_URL": "https://api.getadministrate.com/graphql",
    "ADMINISTRATE_AUTH_URL": "https://auth.getadministrate.com/oauth/token",
    "ADMINISTRATE_INSTANCE_URL": "https://example.administrateapp.com",
    "ADMINISTRATE_API_KEY": "the-key",
    "ADMINISTRATE_API_SECRET": "the-secret",
}


def settings(**changed: str) -> AdministrateSettings:
    return AdministrateSettings.from_environment(GOOD | changed)


def test_every_missing_variable_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        AdministrateSettings.from_environment({"ADMINISTRATE_API_KEY": "  "})
    assert all(variable in str(caught.value) for variable in GOOD)


@pytest.mark.parametrize("file", [".env", ".env.uat"])
def test_a_missing_variable_is_to_be_set_in_the_file_in_use(file: str) -> None:
    with pytest.raises(SettingsError, match=rf"in the environment or in {re.escape(file)}\)"):
        AdministrateSettings.from_environment(Environment({}, path=Path("/srv") / file))


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        settings(
            ADMINISTRATE_API_URL="https://api.getadministrate.com/rest",
            ADMINISTRATE_INSTANCE_URL="example com",
            ADMINISTRATE_AUTH_URL="",
            HTTPS_PROXY="http://",
        )
    for name in ("API_URL", "AUTH_URL", "INSTANCE_URL", "HTTPS_PROXY"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("acme.administrateapp.com", "https://acme.administrateapp.com"),
        ("https://acme.administrateapp.com", "https://acme.administrateapp.com"),
        ("https://acme.administrateapp.com/", "https://acme.administrateapp.com"),
        ("acme.administrateapp.com/", "https://acme.administrateapp.com"),
        ("  Acme.AdministrateApp.COM\n", "https://acme.administrateapp.com"),
        ("HTTPS://acme.administrateapp.com:8443", "https://acme.administrateapp.com:8443"),
        ("127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("localhost:8765/", "http://localhost:8765"),
        ("localhost", "http://localhost"),
        ("[::1]:8765", "http://[::1]:8765"),
        ("::1", "http://[::1]"),
        ("https://localhost:8765", "https://localhost:8765"),
        ("10.0.0.7", "https://10.0.0.7"),
        ("2001:db8::7", "https://[2001:db8::7]"),
        ("admin_istrate", "https://admin_istrate"),
    ],
)
def test_an_instance_is_a_host_or_an_address(written: str, called: str) -> None:
    assert settings(ADMINISTRATE_INSTANCE_URL=written).instance_url == called


@pytest.mark.parametrize("host", ["auth.getadministrate.com", "auth.getadministrate.com:8443"])
@pytest.mark.parametrize("path", ["", "/", "/oauth", "/oauth/", "/oauth/token", "/oauth/token/"])
@pytest.mark.parametrize("scheme", ["", "https://"])
def test_tokens_are_asked_for_at_oauth_token(scheme: str, host: str, path: str) -> None:
    given = settings(ADMINISTRATE_AUTH_URL=f"{scheme}{host}{path}")
    assert given.token_url == f"https://{host}/oauth/token"


@pytest.mark.parametrize("path", ["", "/", "/graphql", "/graphql/", "/GraphQL"])
@pytest.mark.parametrize("host", ["api.getadministrate.com", "https://api.getadministrate.com"])
def test_operations_are_posted_to_graphql(host: str, path: str) -> None:
    given = settings(ADMINISTRATE_API_URL=host + path)
    assert given.graphql_url == "https://api.getadministrate.com/graphql"


def test_what_a_gateway_has_before_the_path_stays() -> None:
    given = settings(
        ADMINISTRATE_API_URL="https://gateway.example.com/administrate/graphql",
        ADMINISTRATE_AUTH_URL="https://gateway.example.com/administrate/oauth",
    )
    assert given.graphql_url == "https://gateway.example.com/administrate/graphql"
    assert given.token_url == "https://gateway.example.com/administrate/oauth/token"


@pytest.mark.parametrize(
    "address",
    [
        "http://api.getadministrate.com",
        "http://10.0.0.7:8765",
        "http://localhost.example.com",
        "ftp://api.getadministrate.com",
        "https://user:word@api.getadministrate.com",
        "api.getadministrate.com@example.com",
        "https://api.getadministrate.com?tenant=acme",
        "https://api.getadministrate.com/#top",
        "https://api.getadministrate.com:port",
        "https://api.getadministrate.com:99999",
        "https://api.getadministrate.com:0",
        "https://[::1",
        "https://",
        "https:/api.getadministrate.com",
        "api getadministrate com",
        "api.getadministrate.com\\graphql",
        "https://api.getadministrate.com/oauth/authorize",
        "https://api.getadministrate.com/v1",
    ],
)
def test_an_address_the_secret_should_not_go_to_is_refused(address: str) -> None:
    for name in ("ADMINISTRATE_AUTH_URL", "ADMINISTRATE_API_URL", "ADMINISTRATE_INSTANCE_URL"):
        with pytest.raises(SettingsError, match=name) as caught:
            settings(**{name: address})
        assert "word" not in str(caught.value)


def test_a_local_address_may_do_without_tls_and_another_where_that_is_said() -> None:
    for address in ("http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"):
        assert settings(ADMINISTRATE_API_URL=address).graphql_url == f"{address}/graphql"
    container = {"ADMINISTRATE_API_URL": "http://sandbox:8765"}
    for word in ("1", "true", "YES"):
        allowed = settings(**container, ADMSYNC_ALLOW_HTTP=word)
        assert allowed.graphql_url == "http://sandbox:8765/graphql"
    for word in ("0", "", "perhaps"):
        with pytest.raises(SettingsError, match="ADMSYNC_ALLOW_HTTP"):
            settings(**container, ADMSYNC_ALLOW_HTTP=word)
    bare = settings(ADMINISTRATE_API_URL="sandbox:8765", ADMSYNC_ALLOW_HTTP="1")
    assert bare.graphql_url == "https://sandbox:8765/graphql"


@pytest.mark.parametrize(
    ("stored", "refused"),
    [
        ({"ADMINISTRATE_API_URL"}, "ADMINISTRATE_API_URL"),
        ({"ADMINISTRATE_AUTH_URL"}, "ADMINISTRATE_AUTH_URL"),
        ({"ADMINISTRATE_API_SECRET"}, "ADMINISTRATE_API_SECRET"),
        ({"ADMINISTRATE_INSTANCE_URL", "ADMINISTRATE_API_URL", "ADMINISTRATE_AUTH_URL"}, "from /e"),
        ({"HTTPS_PROXY"}, "HTTPS_PROXY"),
        ({"REQUESTS_CA_BUNDLE"}, "REQUESTS_CA_BUNDLE"),
    ],
)
def test_a_secret_goes_to_no_address_of_another_source(stored: set[str], refused: str) -> None:
    bundle = ssl.get_default_verify_paths().openssl_cafile
    given = {**GOOD, "HTTPS_PROXY": "http://proxy:3128"}
    if Path(bundle).is_file():
        given["REQUESTS_CA_BUNDLE"] = bundle
    if not stored <= given.keys():
        pytest.skip("no bundle of certificates on this machine")

    def mixed(**more: str) -> AdministrateSettings:
        process = {name: value for name, value in given.items() if name not in stored}
        file = {name: given[name] for name in stored}
        environ = Environment({**process, **more}, file, Path("/e/.env"))
        return AdministrateSettings.from_environment(environ)

    with pytest.raises(SettingsError, match=refused):
        mixed()
    assert mixed(ADMSYNC_ALLOW_MIXED_SOURCES="1").api_key == "the-key"


def test_all_in_a_file_goes_through_the_proxy_of_the_environment() -> None:
    environ = Environment({"HTTPS_PROXY": "proxy:3128"}, GOOD, Path("/e/.env"))
    given = AdministrateSettings.from_environment(environ)
    assert given.network.proxies_for(given.graphql_url) == {"https": "http://proxy:3128"}


def test_key_and_secret_are_not_shown() -> None:
    shown = repr(settings(HTTPS_PROXY="http://me:word@proxy:3128"))
    for secret in ("the-key", "the-secret", "word"):
        assert secret not in shown


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("kind", ["missing", "directory", "empty", "no PEM", "half a PEM"])
def test_a_bundle_of_certificates_that_is_none_is_told(
    tmp_path: Path, name: str, kind: str
) -> None:
    bundle = tmp_path / "bundle"
    if kind == "directory":
        bundle.mkdir()
    elif kind != "missing":
        text = {"empty": "", "no PEM": "<html>", "half a PEM": "-----BEGIN CERTIFICATE-----\nMII"}
        bundle.write_text(text[kind])
    with pytest.raises(
        SettingsError, match=rf"^{name} (cannot be|is (not )?a).*{bundle}"
    ) as caught:
        settings(**{name: str(bundle)})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value", ["http://me:word@", "http://proxy:port", "proxy:99999", "ftp://proxy", "pro xy:1"]
)
def test_a_proxy_that_is_none_is_told_without_its_password(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name.upper()} is not the address") as caught:
        settings(**{name: value})
    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "url", "proxies"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://h/", {"https": "http://p:1"}),
        ({"https_proxy": "p:1", "HTTPS_PROXY": "q:1"}, "https://h/", {"https": "http://p:1"}),
        ({"ALL_PROXY": "http://p:1"}, "https://h/", {"https": "http://p:1"}),
        ({"HTTP_PROXY": "http://p:1"}, "https://h/", {}),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "h"}, "https://h/", {}),
        ({"ALL_PROXY": "http://p:1", "no_proxy": ".example.com"}, "https://a.example.com/", {}),
        ({"HTTP_PROXY": "http://p:1", "ALL_PROXY": "p:2"}, "http://127.0.0.1:8765/", {}),
        ({"HTTP_PROXY": "http://p:1"}, "http://localhost/", {}),
    ],
)
def test_a_call_goes_through_the_proxy_for_its_address_and_never_to_this_machine(
    environ: dict[str, str], url: str, proxies: dict[str, str]
) -> None:
    assert Network.from_environment(environ).proxies_for(url) == proxies
