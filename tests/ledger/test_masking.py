"""Copies of a secret are masked however they are encoded, and nothing else is."""

from __future__ import annotations

import html
import json
import quopri
import sys
import threading
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable, Iterator
from threading import Thread
from urllib.parse import quote, quote_plus

import click
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cli.log import debugging
from ledger.cli.running import run_program
from ledger.errors import AdmsyncError, SettingsError
from ledger.masking import (
    keep_passwords,
    keep_secret,
    keep_token,
    kept_secrets,
    masked,
    masked_text,
    masked_where_plain,
    without_secrets,
)
from ledger.output.lines import complain, notice, notices_verbatim
from ledger.output.log import configure_log
from ledger.runs.run import new_run
from ledger.runs.states import run_states
from ledger.settings.environment import Environment, Kind, environment
from ledger.store.ledger import Ledger
from sync.administrate.transport.network import Network
from sync.settings import SETTINGS

SECRETS = {
    "plain": "a-secret-nobody-may-see",
    "marks": "per+cent%\"quo te/<&'=\\;#",
    "letters": "pässwörd-€-geheim",
    "beyond": "smile😀secret",
    "long": "eyJhbGciOiJSUzI1NiJ9." + "Zx9-_" * 400,
}
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "itself": str.encode,
    "URL": lambda one: quote(one, safe="").encode(),
    "URL of a URL": lambda one: quote(quote(one, safe=""), safe="").encode(),
    "every byte of a URL": lambda one: "".join(f"%{b:02x}" for b in one.encode()).encode(),
    "form": lambda one: quote_plus(one).encode(),
    "JSON": lambda one: json.dumps(one).encode(),
    "JSON with letters": lambda one: json.dumps(one, ensure_ascii=False).encode(),
    "JSON in JSON": lambda one: json.dumps(json.dumps(one)).encode(),
    "JSON of another program": lambda one: json.dumps(one).replace("/", "\\/").encode(),
    "literal of bytes": lambda one: repr(one.encode()).encode(),
    "literal of a literal": lambda one: repr(repr(one.encode())).encode(),
    "literal": lambda one: ascii(one).encode(),
    "header dump": lambda one: repr({"Authorization": f"Bearer {one}"}).encode(),
    "HTML": lambda one: html.escape(one).encode(),
    "HTML by numbers": lambda one: "".join(f"&#{ord(c)};" for c in one).encode(),
    "HTML by digits": lambda one: "".join(f"&#x{ord(c):X};" for c in one).encode(),
    "mail": lambda one: quopri.encodestring(one.encode()).replace(b"=\n", b""),
    "base64": lambda one: b64encode(one.encode()),
    "base64 in an address": lambda one: urlsafe_b64encode(one.encode()),
    "base64 in a URL": lambda one: quote(b64encode(one.encode()), safe="").encode(),
    "base64 in lines": lambda one: encodebytes(b"Authorization: " + one.encode()),
    "credentials": lambda one: b64encode(b"key:" + one.encode()),
    "credentials of a form": lambda one: b64encode(b"k:" + quote_plus(one).encode()),
    "digits": lambda one: one.encode().hex().encode(),
    "digits apart": lambda one: one.encode().hex(":").upper().encode(),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", SECRETS)
def test_a_copy_is_found_in_any_encoding(name: str, encoding: str) -> None:
    copy = ENCODINGS[encoding](SECRETS[name])
    found = masked(b"<<" + copy + b">>", [SECRETS[name]])
    assert b"[secret]" in found
    # Of what stands before it in the encoded text, and of a long one's end, some may be left.
    assert len(found) < 60 or name == "long"
    assert SECRETS[name][:20].encode() not in found


@settings(max_examples=50)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=6, max_size=20))
def test_any_secret_is_found(secret: str) -> None:
    assert masked_text(f"({secret})", [secret]) == "([secret])"
    assert masked_text(json.dumps([secret]), [secret]) == '["[secret]"]'


def test_a_short_one_is_left_since_words_hold_it() -> None:
    assert masked(b"the word", ["the"]) == b"the word"
    assert masked_where_plain(b"the word", ["the"]) == b"the word"


def test_the_rest_of_a_text_stays() -> None:
    said = 'HTTP 500: {"a": "b\\u00e9 %20 &amp; YWJj"}'
    assert masked_text(said, SECRETS.values()) == said


@pytest.mark.parametrize("filling", [b"\\", b"a", b"%", b"%25", b"&#0", b"a-secret-nobody-may-se"])
def test_no_text_takes_long(filling: bytes) -> None:
    """A pattern that tried each start anew for all that follows would take hours."""
    text = filling * (2**20 // len(filling))
    assert masked(text, SECRETS.values()) == text


@pytest.fixture
def kept() -> str:
    """A secret, the only one that the program holds."""
    keep_secret(SECRETS["marks"])
    return SECRETS["marks"]


def assert_masked(printed: str, times: int) -> None:
    assert printed.count("[secret]") == times, printed
    assert "per+cent" not in printed
    assert "per%2Bcent" not in printed


def test_nothing_on_standard_error_holds_a_secret(
    kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    notice(f"it says {kept}")
    complain(f"it says {quote(kept)}")
    complain(str(AdmsyncError(f"it says {json.dumps(kept)}")))
    assert_masked(capsys.readouterr().err, 3)


@pytest.mark.parametrize("debug", [True, False])
def test_an_unexpected_error_and_its_traceback_hold_none(
    kept: str,
    debug: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @click.command()
    @click.option("--debug", is_flag=True)
    def fails(*, debug: bool) -> None:
        try:
            raise ValueError(quote(kept), debug)
        except ValueError as problem:
            raise RuntimeError(f"no way to {kept}") from problem

    monkeypatch.setattr(sys, "argv", ["admsync", *(["--debug"] if debug else [])])
    with pytest.raises(SystemExit):
        run_program(fails)
    printed = capsys.readouterr().err
    assert_masked(printed, 3 if debug else 1)
    assert "unexpected RuntimeError: no way to [secret]; --debug shows where" in printed


@pytest.fixture
def log() -> Iterator[None]:
    configure_log(debug=True)
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("log")
def test_a_log_entry_holds_none_and_is_a_document(
    kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_secret(SECRETS["long"])
    logger = structlog.get_logger()
    try:
        raise ValueError(f"no way to {kept}")
    except ValueError:
        said = json.dumps({"token": SECRETS["long"]})
        logger.exception("failed", reason=said, inner=[kept, {kept: (said, 1)}])
    entries = capsys.readouterr().err
    assert_masked(entries, 5)
    for entry in entries.splitlines():
        assert json.loads(entry)["level"]


def test_a_secret_broken_over_lines_is_one(kept: str, capsys: pytest.CaptureFixture[str]) -> None:
    notices_verbatim(f"Sent:\n{encodebytes(kept.encode() * 3).decode()}\nto nobody")
    printed = capsys.readouterr().err.splitlines()
    assert (printed[0], printed[-1]) == ("Sent:", "to nobody")
    assert len(printed) < 5
    assert "[secret]" in "".join(printed)


@pytest.mark.parametrize("debug", [True, False])
def test_an_error_that_no_command_sees_holds_none(
    kept: str,
    debug: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails() -> None:
        raise ValueError(f"no way to {kept}")

    class Thrown:
        def __del__(self) -> None:
            fails()

    @click.command()
    @click.option("--debug", is_flag=True)
    def strays(*, debug: bool) -> None:
        assert debug is debugging()
        thread = Thread(target=fails)
        thread.start()
        thread.join()
        Thrown()

    monkeypatch.setattr(sys, "argv", ["admsync", *(["--debug"] if debug else [])])
    for module, hook in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, hook, getattr(module, hook))
    with pytest.raises(SystemExit):
        run_program(strays)
    printed = capsys.readouterr().err
    assert_masked(printed, 4 if debug else 2)
    assert printed.count("admsync: unexpected ValueError: no way to [secret]; --debug shows") == 2


def test_what_a_run_failed_for_is_recorded_without_any(kept: str, ledger: Ledger) -> None:
    with pytest.raises(AdmsyncError), new_run(ledger, "erase"):
        raise AdmsyncError(f"the server says {kept}")
    [state] = run_states(ledger.database)
    assert state.reason == "the server says [secret]"


def every_error(kind: type[AdmsyncError]) -> Iterator[type[AdmsyncError]]:
    for one in kind.__subclasses__():
        yield one
        yield from every_error(one)


def test_each_error_of_ours_says_its_words_in_the_same_way() -> None:
    assert [one for one in every_error(AdmsyncError) if "__str__" in vars(one)] == []


@pytest.mark.parametrize(
    "name", [one.name for one in SETTINGS if one.kind is Kind.SECRET and "PROXY" not in one.name]
)
def test_each_secret_among_the_settings_is_kept(kept: str, name: str) -> None:
    assert kept
    Environment({name: "gooseberry-fool\n"}).with_secrets(SETTINGS)
    Environment({}, {name: "gooseberry-tart"}).with_secrets(SETTINGS)
    assert without_secrets("gooseberry-fool gooseberry-tart") == "[secret] [secret]"


@pytest.mark.parametrize(
    "address",
    [
        "http://me:goose%20berry@127.0.0.1:9",
        "me:goose%20berry@127.0.0.1:9",
        "https://goose%20berry@127.0.0.1:9",
    ],
)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY"])
def test_the_password_of_a_proxy_is_kept(kept: str, name: str, address: str) -> None:
    assert kept
    Network.from_environment({name: address})
    credentials = b64encode(b"me:goose berry").decode()
    for said in ("goose%20berry", "goose berry"):
        assert without_secrets(f"<{said}>") == "<[secret]>"
    assert credentials not in without_secrets(f"Proxy-Authorization: Basic {credentials}")


@pytest.mark.parametrize(
    ("address", "passwords"),
    [
        ("postgresql://web:goose%40berry@h/d", {"goose%40berry", "goose@berry"}),
        ("postgresql://web:goose@berry/x@h/d", {"goose@berry/x"}),
        (
            "postgresql://web:goosepart/berrypart@h",
            {"goosepart/berrypart", "goosepart", "berrypart"},
        ),
        (
            "postgresql://web:goosepart@h/d?x=elderpart@b",
            {"goosepart@h/d?x=elderpart", "goosepart", "x=elderpart"},
        ),
        ("postgresql://h/d?user=web&password=goose%20berry", {"goose%20berry", "goose berry"}),
        ("postgresql://h/d?sslpassword=gooseberry&x=1", {"gooseberry"}),
        ("postgresql://postgres:postgres@h/d", set()),
        ("postgresql://web@h/d", set()),
        (
            "https://hooks.example.org/x?api-key=gooseberry&n=1&token=elderberry",
            {"gooseberry", "elderberry"},
        ),
        ("postgresql://h/d?sslkey=/etc/client.key", set()),
        ("http://gooseberry@h", {"gooseberry"}),
        ("http://web:gooseberry", {"gooseberry"}),
        ("http://proxy.example.org:3128", set()),
        ("http://proxy.example.org:3128/gooseberry", set()),
        ("http://[2001:db8::1]:3128/gooseberry", set()),
        ("http://hooks.example.org/gooseberry@home", set()),
        ("ab:cd://ef", {"ab:cd://ef"}),
    ],
)
def test_of_an_address_the_passwords_are_kept(kept: str, address: str, passwords: set[str]) -> None:
    keep_secret(address)
    assert set(kept_secrets()) - {kept} == passwords


@pytest.mark.parametrize(
    "address", ["web:gooseberry@h", "postgres:gooseberry@h", "http//w:gooseberry@h"]
)
def test_an_address_need_not_be_whole(kept: str, address: str) -> None:
    keep_passwords(address)
    assert set(kept_secrets()) - {kept} == {"gooseberry"}


@pytest.mark.usefixtures("kept")
def test_a_setting_that_is_no_secret_may_hold_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMSYNC_ENV_FILE", "https://me:gooseberry@elsewhere/settings")
    with pytest.raises(SettingsError, match=r"me:\[secret\]@elsewhere/settings cannot be read"):
        environment()
    Environment({"DB_HOST": "me:elderberry@elsewhere"}).with_secrets(SETTINGS)
    assert without_secrets("elderberry") == "[secret]"


def test_a_password_that_is_a_name_set_openly_is_none(kept: str) -> None:
    Environment({"DB_USER": "website", "DB_PASSWORD": "website"}).with_secrets(SETTINGS)
    assert kept_secrets() == [kept]


def test_of_tokens_the_latest_are_kept_and_no_setting_is_forgotten_for_them(kept: str) -> None:
    for number in range(100):
        keep_token(f"token-{number}")
    assert without_secrets(f"token-99 token-98 {kept}.") == "[secret] [secret] [secret]."
    assert len(kept_secrets()) < 50
