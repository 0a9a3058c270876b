"""Access tokens: asked for once, renewed in time, and what is said when there is none."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve

from sync.administrate.client import Administrate
from sync.administrate.errors import (
    AdministrateError,
    CredentialsRefused,
    Done,
    RequestRefused,
    TokenMissing,
    TokenUnavailable,
)
from sync.administrate.operations import Kind, Operation
from sync.administrate.reads.lookups import viewer
from tests.sync.administrate.conftest import Connect
from tests.sync.administrate.fake_time import FakeTime
from tests.sync.administrate.scripted_server import (
    KEY,
    SECRET,
    Answer,
    ScriptedServer,
    closed_address,
)

CREATE = Operation("Make", Kind.CREATE, "mutation Make { hello }")


NO_TOKENS = [
    Answer(b'{"access_token": null}'),
    Answer(b'{"access_token": ["abc"]}'),
    Answer(b'{"token": "abc"}'),
    Answer(b'{"access_token": "two\\r\\nlines"}'),
    Answer(b"<html><title>Sign in</title>abc</html>"),
    Answer(b'{"access_token": "%s"}' % (b"x" * 20_000)),
    Answer(b'{"access_token": "%s"}' % (b"x" * 2_000_000)),
]


def failed(client: Administrate) -> AdministrateError:
    with pytest.raises(AdministrateError) as caught:
        client.call(CREATE, {}, lambda data: data)
    return caught.value


def test_the_credentials_go_in_a_form(client: Administrate, server: ScriptedServer) -> None:
    viewer(client)
    form = {"grant_type": ["client_credentials"], "client_id": [KEY], "client_secret": [SECRET]}
    assert server.token_forms == [form]


def test_a_token_is_renewed_before_it_ends(
    client: Administrate, server: ScriptedServer, time: FakeTime
) -> None:
    viewer(client)
    time.sleep(3299)
    viewer(client)
    assert server.tokens_given == 1
    time.sleep(2)
    viewer(client)
    assert server.tokens_given == 2


@pytest.mark.parametrize("life", [None, "soon", -1, 10**30])
def test_a_life_that_makes_no_sense_counts_as_an_hour(
    client: Administrate, server: ScriptedServer, time: FakeTime, life: object
) -> None:
    server.token_life = life
    viewer(client)
    time.sleep(3299)
    viewer(client)
    assert server.tokens_given == 1


def test_several_workers_renew_once(client: Administrate, server: ScriptedServer) -> None:
    with ThreadPoolExecutor(8) as workers:
        greetings = list(workers.map(lambda _number: viewer(client), range(40)))
    assert greetings == ["Hello"] * 40
    assert server.tokens_given == 1


def test_a_token_endpoint_that_fails_for_a_while_is_waited_for(
    client: Administrate, server: ScriptedServer
) -> None:
    server.token_script.extend([Answer(b"", 503), Answer(b"", 429), Answer(b"not a token")])
    assert client.call(CREATE, {}, lambda data: data).attempts == 4
    assert server.carried_out == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(b'{"error": "invalid_client"}', 401), CredentialsRefused),
        (Answer(b'{"error": "invalid_grant"}', 400), CredentialsRefused),
        (Answer(b"", 404), RequestRefused),
        (Answer(b"", 302, {"Location": "http://127.0.0.1:1"}), RequestRefused),
        (Answer(b"", 500), TokenUnavailable),
        (Answer(b"no JSON"), TokenUnavailable),
        *((answer, TokenMissing) for answer in NO_TOKENS),
    ],
)
def test_without_a_token_nothing_was_done(
    client: Administrate,
    server: ScriptedServer,
    answer: Answer,
    expected: type[AdministrateError],
) -> None:
    server.token_script.extend([answer] * 10)
    error = failed(client)
    assert type(error) is expected
    assert error.done is Done.NO
    assert server.calls == []


@pytest.mark.parametrize("answer", NO_TOKENS)
def test_what_is_no_token_is_asked_for_once_and_never_quoted(
    client: Administrate, server: ScriptedServer, answer: Answer
) -> None:
    server.token_script.append(answer)
    told = str(failed(client))
    assert len(server.token_forms) == 1
    assert "ADMINISTRATE_AUTH_URL" in told
    assert "abc" not in told


def test_a_refusal_names_its_code_and_never_the_secret(
    client: Administrate, server: ScriptedServer
) -> None:
    said = {"error": "invalid_client", "error_description": f"no client with {SECRET}"}
    server.token_script.append(Answer(json.dumps(said).encode(), 401))
    shown = str(failed(client))
    assert "invalid_client" in shown
    assert "ADMINISTRATE_API_SECRET" in shown
    assert SECRET not in shown


def test_a_token_endpoint_that_is_not_there_is_told(
    server: ScriptedServer, connect: Connect
) -> None:
    error = failed(connect(evolve(server.settings, auth_url=closed_address())))
    assert type(error) is TokenUnavailable
    assert "refused" in str(error)
