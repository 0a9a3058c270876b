"""The whole program, with secrets wherever it takes any, before a server that repeats them in every
form: none is printed, logged, recorded, nor written to a file."""

from __future__ import annotations

import html
import re
import zipfile
from binascii import a2b_base64, unhexlify
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

import psycopg
import pytest
from attrs import frozen
from psycopg import sql
from sqlalchemy.engine import make_url

from importer.workbook.template import COLUMNS
from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.databases import Databases, database_name, opened
from tests.forked_program import run_at_terminal
from tests.importer.company import an_own_event, an_own_session, link
from tests.importer.workbooks import write_rows
from tests.program import ADMSYNC, admsync, environment
from tests.reflecting import ANSWERS, FINAL, KEY, SECRET, TOKEN, Reflecting, every_spelling

DATABASE, PROXY, ANCHORS, QUERY = "db/goose@berry", "proxy/goose", "anchor+goose", "queried-goose"
CHAT = "chatting-goose"
SECRETS = (KEY, SECRET, TOKEN, DATABASE, PROXY, ANCHORS, QUERY, CHAT)
BOOK, RECEIPT, PACK = "book.xlsx", "receipt.xlsx", "pack.zip"


def decodings(data: bytes) -> Iterator[bytes]:
    """What the data say in each encoding."""
    yield unquote_to_bytes(data)
    yield html.unescape(data.decode("latin-1")).encode("utf-8", "surrogatepass")
    yield re.sub(rb"\\(.)", rb"\1", data)
    # Each once, and none too short for a part: see repeated().
    runs = set(re.findall(rb"[\w+/-]{14,}", data.translate(bytes.maketrans(b"-_", b"+/"))))
    for start in range(4):
        yield b"\n".join(
            a2b_base64(run[start : start + (len(run) - start) // 4 * 4]) for run in runs
        )
    yield b"\n".join(map(unhexlify, set(re.findall(rb"(?:[0-9a-fA-F]{2}){11,}", data))))


def repeated(data: bytes, secrets: tuple[str, ...] = SECRETS) -> set[str]:
    """The secrets of which the data hold a copy, or a part."""
    parts = {part.encode(): one for one in secrets for part in (one[:24], one[-12:])}
    once = [data, *decodings(data)]
    twice = [*once, *(more for one in once[1:] for more in decodings(one))]
    return {one for part, one in parts.items() if any(part in each for each in twice)}


@frozen
class Program:
    """The program before a server that repeats what it is sent, in a folder of its own."""

    url: str
    server: Reflecting
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        return {
            **self.server.settings,
            "HTTPS_PROXY": f"http://me:{quote(PROXY, safe='')}@127.0.0.1:9",
            "ADMSYNC_ANCHORS": f"http://me:{ANCHORS}@127.0.0.1:9/x?token={QUERY}",
            "ADMSYNC_NOTIFY": f"json://me:{CHAT}@127.0.0.1:9/{CHAT}",
        }

    def piped(self, *arguments: str) -> bytes:
        done = admsync(*arguments, url=self.url, settings=self.settings, cwd=self.folder)
        return (done.stdout + done.stderr).encode()

    def at_terminal(self, *arguments: str) -> bytes:
        given = environment(self.url, self.settings)
        return run_at_terminal([str(ADMSYNC), *arguments], given, str(self.folder))[1]

    def kept(self) -> Iterator[tuple[str, bytes]]:
        """What is in the ledger, as it is and as each command shows it, and in each file."""
        with psycopg.connect(self.url) as connection:
            for table in ("events", "runs", "open_writes", "personal"):
                rows = connection.execute(
                    sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier("ledger", table))
                )
                yield table, "\n".join(row for (row,) in rows).encode()

    def shown(self) -> Iterator[tuple[str, bytes]]:
        """What each command shows of the last run, and what is in each file."""
        for shows in (("show", "last"), ("show", "last", "--raw"), ("runs", "--json")):
            yield " ".join(shows), self.piped(*shows)
        self.piped("export", "last", "--audit", PACK)
        for path in self.folder.iterdir():
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as parts:
                    yield from ((f"{path.name} {n}", parts.read(n)) for n in parts.namelist())


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(tmp_path_factory.mktemp("administrate")) as running:
        yield running


@pytest.fixture(scope="module")
def linked(databases: Databases, template: str, sandbox: RunningSandbox) -> Iterator[str]:
    with databases.fresh(template) as url:
        with opened(url) as database:
            link(database, sandbox)
        yield database_name(url)


@pytest.fixture
def program(
    databases: Databases, linked: str, sandbox: RunningSandbox, tmp_path: Path
) -> Iterator[Program]:
    sandbox.control.reset()
    with databases.fresh(linked) as url, Reflecting(sandbox) as server:
        # The tests' own server asks for no password.
        known = make_url(url).set(password=DATABASE).render_as_string(hide_password=False)
        yield Program(known, server, tmp_path)


def assert_silent(
    program: Program, said: bytes, secrets: tuple[str, ...] = SECRETS, *, a_run: bool = True
) -> None:
    """No secret is in what was said and what is kept, nor in what is shown of ``a_run`` of it."""
    assert program.server.times, said
    everything = [("said", said), *program.kept(), *(program.shown() if a_run else ())]
    assert {what: found for what, one in everything if (found := repeated(one, secrets))} == {}


def test_a_copy_is_found() -> None:

    for one in every_spelling([SECRET]).split(" | "):
        assert repeated(f"<{one}>".encode()) == {SECRET}, one


@pytest.mark.parametrize("answer", ANSWERS)
def test_nothing_shows_what_an_answer_repeats(program: Program, answer: str) -> None:
    program.server.answer = answer
    shown = program.piped("doctor", "--debug")
    if answer in FINAL:
        shown += program.piped("sync", "venues", "--no-prompt", "--debug")
        shown += program.at_terminal("sync", "venues")
    assert_silent(program, shown, a_run=answer in FINAL)


@pytest.mark.parametrize("answer", sorted(FINAL))
def test_nothing_shows_what_is_repeated_instead_of_a_token(program: Program, answer: str) -> None:
    program.server.answer = answer
    program.server.of_tokens = True
    assert_silent(program, program.piped("doctor", "--debug"), (KEY, SECRET), a_run=False)


@pytest.mark.parametrize(
    "answer", ["user errors", "errors", "errors beside data", "refusal", "page"]
)
def test_nothing_shows_what_is_repeated_of_a_change(program: Program, answer: str) -> None:
    program.server.answer = answer
    program.server.reflects = lambda query: query.lstrip().startswith("mutation")
    rows = [an_own_event("E"), an_own_session("E")]
    write_rows(program.folder / BOOK, rows, columns=COLUMNS)
    shown = program.piped("import-events", BOOK, "--no-prompt", "--report", RECEIPT, "--debug")
    shown += program.piped("history", "--cell", BOOK, "A2")
    assert (program.folder / RECEIPT).exists()
    assert_silent(program, shown)


ADDRESSES = (
    "{}://me:goose%2Fberry@127.0.0.1:9/x",
    "{}://me:goosepart/berrypart@127.0.0.1:9/x",
    "{}://me:goosepart@berrypart@127.0.0.1:9/x",
    "{}://me:goosepart?berrypart#plum@127.0.0.1:9/x",
    "{}://me:goosepart[berrypart@127.0.0.1:9/x",
    "{}://me:goosepart",
    "{}://127.0.0.1:9/x?password=goosepart&api_token=berrypart",
    "{}//me:goosepart@127.0.0.1:9/x",
)
PARTS = ("goosepart", "berrypart", "goose%2Fberry", "goose/berry")
SCHEMES = {
    **dict.fromkeys(("DATABASE_URL", "DB_HOST", "DB_NAME", "PGHOST", "PGSERVICE"), "postgresql"),
    **dict.fromkeys((f"ADMINISTRATE_{one}_URL" for one in ("API", "AUTH", "INSTANCE")), "https"),
    **dict.fromkeys(("ADMSYNC_ANCHORS", "ADMSYNC_ENV_FILE", "DB_PASSWORD_FILE"), "http"),
    "ADMSYNC_NOTIFY": "json",
    "ALL_PROXY": "socks5",
    "REQUESTS_CA_BUNDLE": "http",
    "ADMSYNC_ALLOW_HTTP": "http",
}


@pytest.mark.parametrize("name", SCHEMES)
def test_an_address_that_is_no_good_is_not_quoted_with_its_password(
    program: Program, name: str
) -> None:
    databases = name.startswith(("DATABASE", "DB_", "PG"))
    beside = {"DB_NAME": "x", "DB_PORT": "9"} if name.startswith("DB_") else {}
    for address, command in zip(ADDRESSES, cycle(("doctor", "verify")), strict=False):
        given = {**program.settings, **beside, name: address.format(SCHEMES[name])}
        url = None if databases else program.url
        done = admsync(command, "--debug", url=url, settings=given, cwd=program.folder)
        shown = done.stdout + done.stderr
        assert [one for one in PARTS if one in shown] == [], (address, shown)
