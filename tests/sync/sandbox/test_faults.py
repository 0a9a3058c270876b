"""Each fault as it reaches the socket, and what it leaves changed."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests

from ledger.errors import UsageRefused
from sync.sandbox.faults.fault import Fault
from tests.sync.sandbox.builders import LIST_VENUES, Asker, Data

RENAME = """
mutation Rename($id: ID!, $name: String!) {
  location { update(input: {locationId: $id, name: $name}) {
    errors { message } location { id name } } }
}
"""


def rename(asker: Asker, name: str = "Londinium", timeout: float = 10) -> requests.Response:
    """A change whose having been made can be seen."""
    london = asker.sandbox.control.dump("Location")[1]["id"]
    return asker.post(RENAME, id=london, name=name, timeout=timeout)


def renamed(asker: Asker) -> int:
    return len(asker.sandbox.control.changes("location.update"))


def raw(asker: Asker, document: str) -> tuple[bytes, str]:
    """What comes over a bare socket, and how it ends: closed, reset or (for a second) silent."""
    token = asker.token().json()["access_token"]
    where = urlsplit(asker.sandbox.graphql_url)
    body = json.dumps({"query": document}).encode()
    head = (
        f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    received = b""
    with socket.create_connection((where.hostname, where.port), timeout=1) as connection:
        connection.sendall(head.encode() + body)
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            return received, "reset"
        except TimeoutError:
            return received, "silent"
    return received, "closed"


@pytest.mark.parametrize(
    ("kind", "status", "made"),
    [
        ("429", 429, 0),
        ("429-retry-after", 429, 0),
        ("500-before", 500, 0),
        ("500-after", 500, 1),
        *[(f"{status}", status, 0) for status in (502, 503, 504)],
        *[(f"{status}-after", status, 1) for status in (502, 503, 504)],
        ("401", 401, 0),
        ("token-revoked", 401, 0),
    ],
)
def test_a_status_comes_with_or_without_the_change_made(
    asker: Asker, kind: str, status: int, made: int
) -> None:
    asker.sandbox.control.set_faults(f"{kind}:location.update:1")
    response = rename(asker)
    assert (response.status_code, renamed(asker)) == (status, made)
    assert response.headers.get("retry-after") == ("1" if kind == "429-retry-after" else None)


def test_retry_after_says_the_value_given(asker: Asker) -> None:
    asker.sandbox.control.set_faults("429-retry-after:*:1:17")
    assert rename(asker).headers["retry-after"] == "17"


@pytest.mark.parametrize(
    ("kind", "ending", "arrives"),
    [
        ("reset-before", "reset", "nothing"),
        ("reset-unanswered", "reset", "nothing"),
        ("reset-mid", "reset", "a part"),
        ("close-mid", "closed", "a part"),
        ("reset-after", "reset", "all"),
        ("hang", "silent", "nothing"),
        ("hang-after", "silent", "nothing"),
    ],
)
def test_a_connection_is_broken_where_the_fault_says(
    asker: Asker, kind: str, ending: str, arrives: str
) -> None:
    asker.sandbox.control.switch(empty_errors="never")
    asker.sandbox.control.set_faults(f"{kind}:venues:1")
    received, ended = raw(asker, "query { venues(first: 5) { edges { node { id name } } } }")
    assert ended == ending
    body = received.partition(b"\r\n\r\n")[2]
    how_much = "nothing" if not received else "all" if body.endswith(b"}]}}}") else "a part"
    assert how_much == arrives


@pytest.mark.parametrize(
    ("kind", "made"),
    [("reset-before", 0), ("reset-unanswered", 1), ("reset-mid", 1), ("close-mid", 1)],
)
def test_a_broken_connection_leaves_the_change_made_or_not(
    asker: Asker, kind: str, made: int
) -> None:
    asker.sandbox.control.set_faults(f"{kind}:location.update:1")
    with pytest.raises(requests.RequestException):
        rename(asker)
    assert renamed(asker) == made


@pytest.mark.parametrize(("kind", "made"), [("hang", 0), ("hang-after", 1)])
def test_without_an_answer_the_client_gives_up(asker: Asker, kind: str, made: int) -> None:
    asker.sandbox.control.set_faults(f"{kind}:location.update:1")
    with pytest.raises(requests.ReadTimeout):
        rename(asker, timeout=0.3)
    # However long it takes the server to come to it.
    deadline = time.monotonic() + 60
    while renamed(asker) < made or not any(call.faults for call in asker.sandbox.control.calls()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert renamed(asker) == made


@pytest.mark.parametrize("kind", ["truncated", "not-json"])
def test_a_body_is_no_json_though_the_status_is_200(asker: Asker, kind: str) -> None:
    asker.sandbox.control.set_faults(f"{kind}:location.update:1")
    response = rename(asker)
    assert response.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        response.json()
    assert renamed(asker) == 1


def payload(answer: Data) -> Data:
    update: Data = answer["data"]["location"]["update"]
    return update


ANSWERS: list[tuple[str, int, Callable[[Data], bool]]] = [
    ("errors", 0, lambda answer: answer["data"] is None and bool(answer["errors"])),
    ("errors-after", 1, lambda answer: answer["data"] is None and bool(answer["errors"])),
    (
        "partial-errors",
        1,
        lambda answer: payload(answer)["errors"] == [] and bool(answer["errors"]),
    ),
    ("null", 1, lambda answer: payload(answer)["location"] == {"id": None, "name": "Londinium"}),
    ("null:*:1:name", 1, lambda answer: payload(answer)["location"]["name"] is None),
    ("null:*:1:absent", 1, lambda answer: answer["data"] is None),
    (
        "created-with-errors",
        1,
        lambda answer: bool(payload(answer)["errors"]) and bool(payload(answer)["location"]["id"]),
    ),
]


@pytest.mark.parametrize(("fault", "made", "is_so"), ANSWERS, ids=[one[0] for one in ANSWERS])
def test_an_answer_is_not_what_the_schema_promises(
    asker: Asker, fault: str, made: int, is_so: Callable[[Data], bool]
) -> None:
    asker.sandbox.control.set_faults(fault)
    answer = rename(asker).json()
    assert is_so(answer), answer
    assert renamed(asker) == made


def all_venues(asker: Asker, size: int = 5) -> list[str]:
    """The ids met by one who pages by offset and looks neither left nor right."""
    ids: list[str] = []
    while True:
        found = asker.ask(LIST_VENUES, first=size, offset=len(ids))["venues"]
        ids += [edge["node"]["id"] for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            return ids


def test_a_record_inserted_between_pages_shifts_one_into_sight_twice(asker: Asker) -> None:
    before = len(asker.nodes("venues"))
    asker.sandbox.control.set_faults("page-insert:ListVenues:2")
    ids = all_venues(asker)
    assert len(ids) == before + 1
    assert len(set(ids)) == before


def test_a_record_removed_between_pages_hides_another(asker: Asker) -> None:
    whole = {one["id"] for one in asker.nodes("venues")}
    asker.sandbox.control.set_faults("page-remove:ListVenues:2")
    ids = all_venues(asker)
    left = {one["id"] for one in asker.nodes("venues")}
    assert len(left) == len(whole) - 1
    assert len(left - set(ids)) == 1


def test_unordered_pages_repeat_some_records_and_miss_others(asker: Asker) -> None:
    total = len(asker.nodes("venues"))
    asker.sandbox.control.set_faults("unordered:ListVenues")
    ids = all_venues(asker)
    assert len(ids) == total
    assert len(set(ids)) < total


def test_a_revoked_token_is_replaced_by_a_new_one(asker: Asker) -> None:
    asker.sandbox.control.set_faults("token-revoked:*:1")
    assert [asker.post("{ hello }").status_code for _ in range(2)] == [401, 401]
    asker.authorize()
    assert asker.post("{ hello }").status_code == 200


def test_the_token_endpoint_has_faults_of_its_own(asker: Asker) -> None:
    asker.sandbox.control.set_faults("503:oauth.token:1")
    assert asker.post("{ hello }").status_code == 200
    assert [asker.token().status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(
    ("when", "struck"), [("2", [2]), ("2-3", [2, 3]), ("3-", [3, 4]), ("*", [1, 2, 3, 4])]
)
def test_a_fault_strikes_the_calls_it_is_set_for(
    asker: Asker, when: str, struck: list[int]
) -> None:
    asker.sandbox.control.set_faults(f"503:Greet:{when}")
    statuses = {}
    for number in range(1, 5):
        asker.post("query Other { hello }")
        statuses[number] = asker.post("query Greet { hello }").status_code
    assert [number for number, status in statuses.items() if status == 503] == struck


def test_a_share_of_calls_is_struck_the_same_for_the_same_seed(asker: Asker) -> None:
    def statuses(seed: int) -> list[int]:
        asker.sandbox.control.set_faults("503:hello:50%", seed=seed)
        return [asker.post("{ hello }").status_code for _ in range(20)]

    first = statuses(1)
    assert statuses(1) == first
    assert set(first) == {200, 503}
    assert statuses(2) != first


def test_latency_is_added_to_whatever_else_is_set(asker: Asker) -> None:
    asker.sandbox.control.set_faults("latency:hello:*:0.2", "503:hello:1")
    started = time.monotonic()
    assert asker.post("{ hello }").status_code == 503
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(
    "text", ["flood", "503:venues:soon", "503:venues:-1", "latency:*:*:long", ""]
)
def test_a_fault_that_means_nothing_is_refused(asker: Asker, text: str) -> None:
    with pytest.raises(UsageRefused) as refused:
        Fault.parse(text)
    with pytest.raises(UsageRefused, match=re.escape(str(refused.value))):
        asker.sandbox.control.set_faults(text)


def test_a_kept_connection_is_gone_after_a_reset_behind_the_answer(asker: Asker) -> None:
    asker.sandbox.control.set_faults("reset-after:hello:1")
    where = urlsplit(asker.sandbox.url)
    token = asker.token().json()["access_token"]
    connection = http.client.HTTPConnection(where.netloc, timeout=5)
    headers = {"Authorization": f"Bearer {token}"}
    connection.request("POST", "/graphql", json.dumps({"query": "{ hello }"}), headers)
    assert json.load(connection.getresponse())["data"] == {"hello": "Hello"}
    kept = connection.sock
    assert isinstance(kept, socket.socket)
    with pytest.raises(ConnectionResetError):
        kept.recv(1)
    connection.close()
