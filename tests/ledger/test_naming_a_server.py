"""Which server the settings name: every form in use, and nothing that leads elsewhere unasked."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ledger.database.parameters import BY_PARAMETER, parameters_of
from ledger.database.settings import DatabaseSettings
from ledger.errors import AdmsyncError, SettingsError
from ledger.settings.environment import Environment
from tests.program import admsync

# What a developer's machine may have set for another server, each enough to lead astray.
ELSEWHERE = {
    "PGHOST": "192.0.2.1",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGDATABASE": "another",
    "PGSERVICE": "another",
    "PGSERVICEFILE": "/nonexistent",
    "PGOPTIONS": "-c search_path=nowhere",
    "PGTZ": "Asia/Tokyo",
    "PGDATESTYLE": "German",
    "PGCLIENTENCODING": "LATIN1",
}


def named(**environ: str) -> DatabaseSettings:
    return DatabaseSettings.from_environment(environ)


def application(url: str) -> dict[str, str]:
    """The settings of the web application for the database at a URL."""
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    given = {**parameters_of(url)}
    settings = {f"DB_{names[key]}": str(given[key]) for key in names if key in given}
    return {**settings, **({"DB_PORT": str(given["port"])} if "port" in given else {})}


def libpq(url: str) -> dict[str, str]:
    """libpq's variables for the database at a URL."""
    return {BY_PARAMETER[key]: str(value) for key, value in parameters_of(url).items()}


@contextmanager
def eavesdropper() -> Iterator[tuple[int, list[bytes]]]:
    """A server's port, and the start-up message and the password of whoever connects to it."""
    heard: list[bytes] = []

    def listen() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                heard.append(client.recv(4096))
                client.sendall(b"R" + (8).to_bytes(4) + (3).to_bytes(4))  # asks for the password
                heard.append(client.recv(4096)[5:-1])

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listener = Thread(target=listen)
        listener.start()
        yield listening.getsockname()[1], heard
        listening.shutdown(socket.SHUT_RDWR)
        listener.join()


@pytest.mark.parametrize(
    "password",
    ["p@ss:w/rd%", "two words", "quo'te\"d", "back\\slash", "pässwörd", "a=b c='d'", "%41"],
)
def test_a_password_arrives_as_it_is(password: str) -> None:
    with eavesdropper() as (port, heard):
        settings = {
            "DB_NAME": "tuto rials",
            "DB_USER": "we b",
            "DB_PASSWORD": password,
            "DB_PORT": str(port),
            "PGSSLMODE": "disable",
            "PGGSSENCMODE": "disable",
        }
        done = admsync("runs", settings={**settings, "PGPASSWORD": "another", "PGUSER": "other"})
    assert done.returncode == 1
    started, sent = heard
    assert b"database\0tuto rials\0" in started
    assert b"user\0we b\0" in started
    assert sent == password.encode()
    assert password not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("form", ["url", "application", "libpq", "service"])
@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_database_is_reached_however_it_is_named(
    database_url: str, tmp_path: Path, form: str, place: str
) -> None:
    settings = {"DATABASE_URL": database_url, **ELSEWHERE}
    if form == "application":
        settings = {**ELSEWHERE, **application(database_url)}
    elif form == "libpq":
        settings = {**libpq(database_url), "PGTZ": "Asia/Tokyo", "PGDATESTYLE": "German"}
    elif form == "service":
        lines = "".join(f"{key}={value}\n" for key, value in parameters_of(database_url).items())
        (tmp_path / "services").write_text(f"[web]\n{lines}")
        settings = {"PGSERVICE": "web", "PGSERVICEFILE": str(tmp_path / "services")}
        settings["PGHOST"] = "192.0.2.1"  # a service goes before it
    if place == "file":
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        (tmp_path / ".env").write_text(lines)
        settings = {}
    done = admsync("runs", settings=settings, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Nothing has run yet.\n", "")


def test_the_built_in_database_is_led_nowhere_and_is_named_when_used() -> None:
    naming_none = {"PGPORT": "1", "PGUSER": "somebody", "PGSSLMODE": "verify-full"}
    naming_none |= {"PGOPTIONS": "-c search_path=nowhere", "PGSERVICEFILE": "/nonexistent"}
    with tempfile.TemporaryDirectory(prefix="admsync-", ignore_cleanup_errors=True) as name:
        settings = {**naming_none, "ADMSYNC_DATA_DIR": f"{name}/data"}
        done = admsync("migrate", settings=settings)
    assert done.returncode == 0, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("admsync: no setting names a database, so the built-in one under ")
    assert f"{name}/data" in line


def test_the_order_is_url_application_libpq_and_then_the_programs_own() -> None:
    everything = {"DATABASE_URL": "postgresql://h/d", "DB_NAME": "n", "PGHOST": "h"}
    assert named(**everything).named_by == "DATABASE_URL"
    del everything["DATABASE_URL"]
    assert named(**everything).named_by == "DB_NAME"
    assert named(**everything, DB_HOST="h").parameters["host"] == "h"
    assert named(**everything).parameters == {"dbname": "n", "host": "127.0.0.1", "port": "5432"}
    assert named(PGHOST="h", DATABASE_URL="", DB_NAME="").named_by == "PGHOST"
    for naming in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"):
        assert not named(**{naming: "one"}).builtin
    for naming_none in ("PGUSER", "PGSSLMODE", "PGPASSWORD", "PGPORT", "PGOPTIONS", "PGTZ"):
        assert named(**{naming_none: "one"}).builtin
    assert named().builtin


@pytest.mark.parametrize(
    "part",
    [
        {"DB_HOST": "db.example.com"},
        {"DB_USER": "web", "DB_PASSWORD": "gooseberry"},
        {"DB_PORT": "5433"},
        {"DB_PASSWORD": "gooseberry", "PGHOST": "h"},
    ],
)
def test_half_a_database_is_an_error_and_never_another_one(part: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        named(**part)
    said = str(caught.value)
    assert "DB_NAME" in said
    assert next(iter(part)) in said
    assert "gooseberry" not in said
    assert named(**part, DATABASE_URL="postgresql://h/d").named_by == "DATABASE_URL"


@pytest.mark.parametrize(
    ("environ", "left"),
    [
        ({"DATABASE_URL": "postgresql://h/d"}, {"PGUSER", "PGPASSWORD"}),
        ({"DATABASE_URL": "postgresql://u:w@h/d"}, set()),
        ({"DATABASE_URL": "postgresql:///d?user=u&password=w"}, {"PGHOST", "PGHOSTADDR", "PGPORT"}),
        ({"DATABASE_URL": "postgresql:///d?host=/run&user=u"}, {"PGPASSWORD"}),
        ({"DB_NAME": "n"}, {"PGUSER", "PGPASSWORD"}),
        ({"DB_NAME": "n", "DB_USER": "u", "DB_PASSWORD": "w"}, set()),
    ],
)
def test_libpqs_variables_fill_in_only_what_is_not_given_and_name_no_other_server(
    environ: Mapping[str, str], left: set[str]
) -> None:
    settings = named(**ELSEWHERE, PGUSER="u", PGPASSWORD="w", PGSSLMODE="prefer", **environ)
    assert settings.variables.keys() - {"PGSSLMODE", "PGOPTIONS"} == left
    assert settings.variables["PGSSLMODE"] == "prefer"


MIXED: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"DB_PASSWORD": "w"}, {"DB_NAME": "n", "DB_HOST": "h"}),
    ({"DB_NAME": "n", "DB_HOST": "h"}, {"DB_PASSWORD": "w"}),
    ({"DB_NAME": "n", "DB_PASSWORD": "w"}, {"DB_PORT": "1"}),
    ({"PGPASSWORD": "w"}, {"PGHOST": "h"}),
    ({"PGPASSWORD": "w"}, {"PGSERVICE": "s"}),
    ({"PGPASSWORD": "w"}, {"DATABASE_URL": "postgresql://u@h/d"}),
    ({"PGPASSWORD": "w"}, {"DB_NAME": "n", "DB_HOST": "h"}),
    ({"DATABASE_URL": "postgresql://u:w@/d"}, {"PGHOST": "h"}),
]


@pytest.mark.parametrize(("process", "stored"), MIXED)
def test_a_password_goes_to_no_host_of_another_source(
    process: dict[str, str], stored: dict[str, str]
) -> None:
    def chosen(**more: str) -> DatabaseSettings:
        mixed = Environment({**process, **more}, stored, Path("/srv/.env"))
        return DatabaseSettings.from_environment(mixed)

    with pytest.raises(SettingsError, match="a secret goes to no address of another source"):
        chosen()
    assert not chosen(ADMSYNC_ALLOW_MIXED_SOURCES="1").builtin
    assert not named(**process, **stored).builtin


def test_what_is_no_secret_may_come_from_anywhere() -> None:
    one = Environment({"DB_USER": "u"}, {"DB_NAME": "n", "DB_HOST": "h"}, Path("/srv/.env"))
    assert DatabaseSettings.from_environment(one).parameters["user"] == "u"
    url = Environment({"PGPASSWORD": "w"}, {"DATABASE_URL": "postgresql://u:x@h/d"}, Path("/e"))
    assert "PGPASSWORD" not in DatabaseSettings.from_environment(url).variables


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        ("postgresql://u:w@h:5433/d", {"user": "u", "password": "w", "host": "h", "port": "5433"}),
        ("postgres://u@h/d", {"user": "u", "host": "h"}),
        ("postgresql+psycopg://h/d", {"host": "h"}),
        ("postgresql+psycopg2://h/d", {"host": "h"}),
        ("POSTGRESQL://h/d", {"host": "h"}),
        ("postgis://h/d", {"host": "h"}),
        ("postgresql://u:p%40s%2Fw%3Ar%25@h/d", {"user": "u", "password": "p@s/w:r%", "host": "h"}),
        ("postgresql://u:p s@h/d", {"user": "u", "password": "p s", "host": "h"}),
        ("postgresql:///d?host=/var/run/postgresql", {"host": "/var/run/postgresql"}),
        ("postgresql://%2Fvar%2Frun/d", {"host": "/var/run"}),
        ("postgresql://[::1]:5433/d", {"host": "::1", "port": "5433"}),
        ("postgresql://a:1,b:2/d?target_session_attrs=read-write",
         {"host": "a,b", "port": "1,2", "target_session_attrs": "read-write"}),
        ("postgresql://h/d?sslmode=require&connect_timeout=5",
         {"host": "h", "sslmode": "require", "connect_timeout": "5"}),
        ("postgresql://h/d?prepare_threshold=0", {"host": "h", "prepare_threshold": 0}),
        ("postgresql://h/d?prepare_threshold=None", {"host": "h", "prepare_threshold": None}),
        ("postgresql://h/d?options=-c%20statement_timeout%3D5s&application_name=a+b",
         {"host": "h", "options": "-c statement_timeout=5s", "application_name": "a+b"}),
        ("postgresql://h/d?options=-c%20work_mem=8MB", {"host": "h", "options": "-c work_mem=8MB"}),
    ],
)  # fmt: skip
def test_a_url_means_what_the_driver_takes(url: str, parameters: dict[str, Any]) -> None:
    assert parameters_of(url) == {"dbname": "d", **parameters}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:goose@berry@h/d", "write @ as %40"),
        ("postgresql://u:goose/berry@h/d", "write @ as %40"),
        ("postgresql://u:goose?berry@h/d", "write @ as %40"),
        ("postgresql://u:goose#berry@h/d", "write @ as %40"),
        ("postgresql://u:goose%berry@h/d", "write @ as %40"),
        ("postgresql://u:goose@h:berry/d", "is not a URL"),
        ("u:goose@h/d", "is not a URL"),
        ("dbname=d password=goose", "is not a URL"),
        ("mysql://u:goose@h/d", "names a mysql database"),
        ("sqlite:///goose", "names a sqlite database"),
        ("postgresql://h/d?prepare_threshold=often", "prepare_threshold is 'often'; expected"),
        ("postgresql://h/d?prepare_threshold=-1", "prepare_threshold is '-1'; expected"),
        ("postgresql://u:goose@h/d?conn_max_age=600", "invalid connection option 'conn_max_age'"),
        ("postgresql://u:goose@h/d?host=a&host=b", "'host' twice"),
    ],
)
def test_a_url_that_is_wrong_is_told_without_its_password(url: str, said: str) -> None:
    with pytest.raises(AdmsyncError) as caught:
        named(DATABASE_URL=url)
    assert said in str(caught.value)
    for word in ("goose", "berry"):
        assert word not in str(caught.value)


def test_libpq_is_left_with_what_was_chosen(database_url: str) -> None:
    from tests.databases import opened  # noqa: PLC0415 - it opens what libpq reads

    before = dict(os.environ)
    os.environ.update(ELSEWHERE)
    try:
        with opened(database_url) as database, database.session() as connection:
            assert connection.info.dbname == parameters_of(database_url)["dbname"]
        assert not ELSEWHERE.keys() & os.environ.keys()
    finally:
        os.environ.clear()
        os.environ.update(before)
