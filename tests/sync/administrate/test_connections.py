"""On which connection a call goes out, and what a connection that ends early leaves."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sync.administrate.errors import (
    AnswerLost,
    ConnectionClosed,
    SchemaMismatch,
    TimedOut,
    TooSlow,
    Unreachable,
)
from sync.administrate.operations import Kind, Operation
from sync.administrate.transport.connections import (
    LARGEST_REFUSAL,
    LONGEST_IDLE,
    Timeouts,
    Transport,
)
from tests.sync.administrate.fake_time import FakeTime

OPERATIONS = {kind: Operation(kind.value, kind, "") for kind in Kind}
CHANGES = (Kind.UPDATE, Kind.CREATE)
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Converse = Callable[[socket.socket, int], None]


@contextmanager
def listening(converse: Converse) -> Iterator[str]:
    """A server that gives each connection, numbered, to a function; the address of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            number = 0
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                number += 1
                threading.Thread(target=_held, args=(converse, connection, number)).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)


def _held(converse: Converse, connection: socket.socket, number: int) -> None:
    with connection:
        converse(connection, number)


def answer_all(connection: socket.socket, number: int) -> None:
    """A whole answer to each request, which says the connection's number."""
    while connection.recv(65536):
        connection.sendall(WHOLE.replace(b"{}", b"%2d" % number))


def post(transport: Transport, url: str, kind: Kind) -> bytes:
    return transport.post(OPERATIONS[kind], url, b"", "application/json", None).body


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def transport(time: FakeTime) -> Iterator[Transport]:
    made = Transport(Timeouts(connect=20.0, read=20.0), clock=time.clock)
    yield made
    made.close()


@pytest.mark.parametrize("idle", [0.0, 0.9, 1.1, 3600.0])
@pytest.mark.parametrize("kind", Kind)
def test_a_change_goes_out_on_no_connection_that_was_idle_for_over_a_second(
    transport: Transport, time: FakeTime, kind: Kind, idle: float
) -> None:
    with listening(answer_all) as url:
        assert post(transport, url, Kind.READ) == b" 1"
        time.sleep(idle)
        fresh = kind is not Kind.READ and idle > LONGEST_IDLE
        assert post(transport, url, kind) == (b" 2" if fresh else b" 1")
        # The connection that it then has is used again.
        assert post(transport, url, kind) == (b" 2" if fresh else b" 1")


def test_a_connection_to_one_server_is_not_fresh_for_another(
    transport: Transport, time: FakeTime
) -> None:
    """The token's server was called a moment ago; the API's, an hour ago."""
    with listening(answer_all) as api, listening(answer_all) as tokens:
        post(transport, api, Kind.READ)
        time.sleep(3600)
        post(transport, tokens, Kind.READ)
        assert post(transport, api, Kind.CREATE) == b" 2"


def sending(*parts: bytes, reset: bool = False) -> Converse:
    """Sends these parts in answer to a request, and closes."""

    def converse(connection: socket.socket, _number: int) -> None:
        connection.recv(65536)
        for part in parts:
            connection.sendall(part)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    return converse


@pytest.mark.parametrize(
    "converse",
    [
        sending(),
        sending(reset=True),
        sending(b"HTT"),
        sending(b"HTTP/1.1 20"),
        sending(WHOLE[:-1]),
        sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
        sending(b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("kind", Kind)
def test_a_connection_closed_before_the_whole_answer_is_told_as_that(
    transport: Transport, converse: Converse, kind: Kind
) -> None:
    with listening(converse) as url, pytest.raises(AnswerLost) as caught:
        post(transport, url, kind)
    assert type(caught.value) is ConnectionClosed
    assert "0x" not in str(caught.value)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nconten", b"HTTP/1.1 200 OK\r\n\r\n{"])
def test_an_answer_that_ends_with_the_connection_says_so(
    transport: Transport, start: bytes
) -> None:
    with listening(sending(start)) as url:
        reply = transport.post(OPERATIONS[Kind.READ], url, b"", "application/json", None)
    assert reply.ends_with_connection


def test_a_connection_that_stays_silent_is_told_apart(time: FakeTime) -> None:
    ended = threading.Event()
    transport = Transport(Timeouts(connect=20.0, read=0.3), clock=time.clock)

    def say_nothing(_connection: socket.socket, _number: int) -> None:
        ended.wait(10)

    with listening(say_nothing) as url:
        with pytest.raises(TimedOut, match=r"nothing came for 0\.3 s"):
            post(transport, url, Kind.CREATE)
        ended.set()
    transport.close()


def test_where_nobody_listens_nothing_was_sent(transport: Transport) -> None:
    with listening(answer_all) as url:
        pass
    with pytest.raises(Unreachable):
        post(transport, url, Kind.CREATE)


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (HEAD + b"Content-Length: 9999999\r\n\r\n", b"x"),
        (HEAD + CHUNKED, b"1\r\nx\r\n"),
        (HEAD + CHUNKED + b"1;", b"x"),
        (HEAD + b"\r\n", b"x"),
        (HEAD + b"X-Long: ", b"x"),
        (HEAD + CHUNKED + b"0\r\nX-Long: ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("kind", Kind)
def test_an_answer_that_drips_ends_with_the_time_for_a_whole_one(
    transport: Transport, time: FakeTime, kind: Kind, head: bytes, drop: bytes
) -> None:
    """Two minutes by a clock that each drop moves by a second."""

    def drip(connection: socket.socket, _number: int) -> None:
        connection.recv(65536)
        connection.sendall(head)
        with contextlib.suppress(OSError):
            for _ in range(1_000):
                connection.sendall(drop)
                time.sleep(1)
            ended.wait(10)

    ended = threading.Event()
    with listening(drip) as url:
        with pytest.raises(TooSlow, match=r"not finished after 120 s") as caught:
            post(transport, url, kind)
        ended.set()
    assert not caught.value.retryable


def test_the_time_for_an_answer_begins_anew_with_each_request(
    transport: Transport, time: FakeTime
) -> None:
    with listening(answer_all) as url:
        for _ in range(3):
            assert post(transport, url, Kind.READ) == b" 1"
            time.sleep(119)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_small_answer_that_unpacks_to_a_large_one_takes_no_memory(
    transport: Transport, layers: int
) -> None:
    packed = b"x" * (64 * 2**20)
    for _ in range(layers):
        packed = gzip.compress(packed, 1)
    named = b", ".join([b"gzip"] * layers)
    head = HEAD + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (named, len(packed))
    with listening(sending(head, packed)) as url:
        tracemalloc.start()
        try:
            with pytest.raises(SchemaMismatch, match="a body of over 1,048,576 bytes"):
                transport.post(OPERATIONS[Kind.READ], url, b"", "text/plain", None, largest=2**20)
            assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
        finally:
            tracemalloc.stop()


def test_of_a_page_of_error_only_the_beginning_is_waited_for(transport: Transport) -> None:
    head = b"HTTP/1.1 500 No\r\nContent-Length: 99999999\r\n\r\n"
    with listening(sending(head, b"x" * (2 * LARGEST_REFUSAL))) as url:
        reply = transport.post(OPERATIONS[Kind.READ], url, b"", "text/plain", None)
    assert (reply.status, len(reply.body)) == (500, LARGEST_REFUSAL)
