"""What becomes of one call: its answer, or an error that is true about what was done."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import quote, quote_plus

import pytest
from attrs import define, evolve

from ledger.errors import StoppedResumably
from ledger.masking import keep_secret
from sync.administrate import errors
from sync.administrate.answers.reading import Data
from sync.administrate.client import Administrate
from sync.administrate.client import Answer as CallAnswer
from sync.administrate.errors import (
    AdministrateError,
    ConnectionClosed,
    Done,
    Malformed,
    NotPermitted,
    NotSent,
    OperationFailed,
    OperationRejected,
    RequestRefused,
    SchemaMismatch,
    ServerFault,
    Throttled,
    TimedOut,
    TokenRefused,
    Unreachable,
    WebPage,
)
from sync.administrate.operations import Kind, Operation, load
from sync.administrate.pace.retry import RetryBudget
from tests.sync.administrate.conftest import Connect, Recording
from tests.sync.administrate.fake_time import FakeTime
from tests.sync.administrate.scripted_server import (
    KEY,
    SECRET,
    Answer,
    Fault,
    ScriptedServer,
    closed_address,
    data,
)

READ = load("Viewer")
UPDATE = Operation("Set", Kind.UPDATE, "mutation Set { hello }")
CREATE = Operation("Make", Kind.CREATE, "mutation Make { hello }")
OF_KIND = {operation.kind: operation for operation in (READ, UPDATE, CREATE)}

CERTAINLY_UNDONE = {Fault.THROTTLED, Fault.UNAUTHORISED}
# A page of HTML comes again, and after a time-out the server may still be at work.
NOT_REPEATED = {
    Kind.READ: {Fault.NOT_JSON},
    Kind.UPDATE: {Fault.NOT_JSON, Fault.HANG},
}
REPEATED = [(fault, kind) for kind, not_ in NOT_REPEATED.items() for fault in set(Fault) - not_]
ONCE = [(fault, kind) for kind, not_ in NOT_REPEATED.items() for fault in not_]


FORBIDDEN = Answer(
    b'{"data": null, "errors": [{"message": "Oh", "path": ["a"],'
    b' "extensions": {"code": "FORBIDDEN"}}]}'
)
UNKNOWN_FIELD = Answer(b'{"data": null, "errors": [{"message": "Cannot query field \'x\'."}]}')


def call(client: Administrate, operation: Operation = READ) -> CallAnswer[Data]:
    return client.call(operation, {}, lambda data: data)


def failed(client: Administrate, operation: Operation = READ) -> AdministrateError:
    with pytest.raises(AdministrateError) as caught:
        call(client, operation)
    return caught.value


@pytest.mark.parametrize(("fault", "kind"), sorted(REPEATED, key=str))
def test_what_may_be_repeated_survives_any_single_fault(
    client: Administrate, server: ScriptedServer, fault: Fault, kind: Kind
) -> None:
    server.script.append(fault)
    answer = call(client, OF_KIND[kind])
    assert answer.value == {"viewer": {"user": {"email": "Hello"}}}
    assert answer.attempts == 2


@pytest.mark.parametrize(("fault", "kind"), sorted(ONCE, key=str))
def test_what_cannot_mend_itself_or_may_still_be_at_work_is_tried_once(
    client: Administrate, server: ScriptedServer, fault: Fault, kind: Kind
) -> None:
    server.script.append(fault)
    assert failed(client, OF_KIND[kind]).attempts == 1
    assert len(server.calls) == 1


@pytest.mark.parametrize("fault", Fault)
def test_a_creation_is_never_done_twice_and_never_wrongly_called_undone(
    client: Administrate, server: ScriptedServer, fault: Fault
) -> None:
    server.script.append(fault)
    if fault in CERTAINLY_UNDONE:
        assert not call(client, CREATE).in_doubt
        assert server.carried_out == 1
    else:
        error = failed(client, CREATE)
        assert error.done is Done.UNKNOWN
        assert not error.retryable
        assert server.carried_out == fault.carried_out


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("fault", Fault)
def test_a_fault_that_stays_ends_in_an_error_that_is_true(
    client: Administrate, server: ScriptedServer, fault: Fault, kind: Kind
) -> None:
    server.script.extend([fault] * 10)
    error = failed(client, OF_KIND[kind])
    if kind is Kind.READ or fault in CERTAINLY_UNDONE:
        assert error.done is Done.NO
    else:
        assert error.done is Done.UNKNOWN
    assert error.operation == OF_KIND[kind].name


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.RESET_AFTER, ConnectionClosed),
        (Fault.HANG, TimedOut),
        (Fault.TRUNCATED, ConnectionClosed),
        (Fault.NOT_JSON, WebPage),
        (Fault.NULL_DATA, Malformed),
        (Fault.FAULT_AFTER, ServerFault),
        (Fault.THROTTLED, Throttled),
        (Fault.UNAUTHORISED, TokenRefused),
        (Answer(b"No", 403), RequestRefused),
        (Answer(b"", 302, {"Location": "http://127.0.0.1:1/"}), RequestRefused),
        (Answer(b"[1]"), Malformed),
        (Answer(b'{"data": {"viewer": {"user": {"email": NaN}}}}'), SchemaMismatch),
        (
            Answer(b'{"data": {"viewer": {"user": {"email": 1e99999999999999999999}}}}'),
            SchemaMismatch,
        ),
        (Answer(b'{"data": {"viewer": {"user": {"email": ["x"]}}}}'), SchemaMismatch),
        (Answer(b'{"data": {}}'), Malformed),
        (Answer(b"\xef\xbb\xbf \n<HTML>", 200), WebPage),
        (FORBIDDEN, NotPermitted),
        (UNKNOWN_FIELD, OperationRejected),
        (Answer(b"[" * 100_000), Malformed),
    ],
)
def test_each_failure_has_its_own_error(
    client: Administrate,
    server: ScriptedServer,
    fault: Fault | Answer,
    expected: type[AdministrateError],
) -> None:
    server.script.extend([fault] * 10)
    assert type(failed(client)) is expected


def test_a_call_nobody_listens_to_was_certainly_not_made(
    server: ScriptedServer, connect: Connect
) -> None:
    client = connect(evolve(server.settings, api_url=closed_address()))
    error = failed(client, CREATE)
    assert type(error) is Unreachable
    assert error.done is Done.NO
    assert error.attempts == 8
    assert "refused" in str(error)


def test_a_doubt_once_there_is_not_removed_by_a_later_certainty(
    client: Administrate, server: ScriptedServer
) -> None:
    server.script.extend([Fault.RESET_AFTER, *[Fault.THROTTLED] * 9])
    error = failed(client, UPDATE)
    assert type(error) is Throttled
    assert error.done is Done.UNKNOWN


def test_a_refused_token_is_renewed_once_and_the_call_repeated(
    client: Administrate, server: ScriptedServer, time: FakeTime
) -> None:
    server.script.append(Fault.UNAUTHORISED)
    assert call(client, CREATE).attempts == 2
    assert server.tokens_given == 2
    assert time.slept == []


def test_an_empty_list_of_errors_is_no_error(client: Administrate, server: ScriptedServer) -> None:
    server.script.append(
        Answer(b'{"errors": [], "data": {"viewer": {"user": {"email": "Hello"}}}}')
    )
    assert call(client).attempts == 1


def test_errors_before_the_execution_mean_it_was_not_carried_out(
    client: Administrate, server: ScriptedServer
) -> None:
    body = json.dumps({"errors": [{"message": 'Cannot query field "hello"'}]}).encode()
    server.script.extend([Answer(body), Answer(body, 400)])
    for error in (failed(client, CREATE), failed(client, CREATE)):
        assert type(error) is OperationRejected
        assert error.done is Done.NO
        assert error.said == 'Cannot query field "hello"'


def test_errors_from_within_the_execution_leave_it_open_what_was_done(
    client: Administrate, server: ScriptedServer
) -> None:
    with_path = {"errors": [{"message": "Boom", "path": ["hello"]}]}
    with_data = {"errors": [{"message": "Boom"}], "data": None}
    server.script.extend(Answer(json.dumps(body).encode()) for body in (with_path, with_data))
    for error in (failed(client, CREATE), failed(client, CREATE)):
        assert type(error) is OperationFailed
        assert error.done is Done.UNKNOWN


def test_an_amount_loses_no_digit(client: Administrate, server: ScriptedServer) -> None:
    server.script.append(Answer(b'{"data": {"amount": 1234567890123456.10}}'))
    assert call(client, UPDATE).value["amount"] == Decimal("1234567890123456.10")


def test_the_server_may_say_how_long_to_wait(
    client: Administrate, server: ScriptedServer, time: FakeTime
) -> None:
    dates = {
        "Date": "Mon, 05 Jan 2026 09:00:00 GMT",
        "Retry-After": "Mon, 05 Jan 2026 09:01:30 GMT",
    }
    server.script.extend([Answer(b"", 503, {"Retry-After": "70"}), Answer(b"", 503, dates)])
    call(client)
    assert time.slept == [70.0, 90.0]


def test_waiting_ends_with_the_time_there_is(
    server: ScriptedServer, connect: Connect, time: FakeTime
) -> None:
    client = connect(evolve(server.settings, retries=RetryBudget(attempts=100, seconds=20)))
    server.script.extend([Fault.UNAVAILABLE] * 100)
    error = failed(client)
    assert sum(time.slept) <= 20
    assert 3 < error.attempts < 20


def test_every_attempt_is_recorded_with_its_exact_body(
    client: Administrate, server: ScriptedServer, recording: Recording
) -> None:
    body = b'{ "data" : {"viewer": {"user": {"email": "Hell\xc3\xb6"}} } }'
    server.script.extend([Fault.RESET_AFTER, Fault.UNAVAILABLE, Answer(body)])
    answer = call(client)
    assert recording.outcomes == ["ConnectionClosed", "ServerFault", "Answered"]
    assert [attempt.status for attempt in recording.attempts] == [None, 503, 200]
    assert recording.attempts[-1].body == answer.body == body


def test_a_secret_is_found_in_any_spelling(
    server: ScriptedServer, connect: Connect, recording: Recording
) -> None:
    secret = 'per+cent%"quote'
    client = connect(evolve(server.settings, api_secret=secret))
    page = f"{quote(secret)} {quote_plus(secret)} {json.dumps(secret)} {secret}".encode()
    server.script.extend([Answer(page, 403)])
    failed(client)
    bodies = b"".join(attempt.body or b"" for attempt in recording.attempts)
    assert bodies.count(b"[secret]") == 4
    assert b"cent" not in bodies


@pytest.mark.parametrize("status", [200, 403, 500])
def test_no_secret_passes_on_whatever_the_server_repeats(
    client: Administrate, server: ScriptedServer, recording: Recording, status: int
) -> None:
    call(client)
    page = f"Bearer {server.token} {SECRET} {KEY} {quote('goose berry')}".encode()
    keep_secret("http://me:goose%20berry@127.0.0.1:9")  # of a proxy, which may answer in its stead
    server.script.extend([Answer(page, status)] * 10)
    error = failed(client)
    shown = f"{error} {error.said} {error!r} {recording.attempts} {client!r}"
    bodies = b"".join(attempt.body or b"" for attempt in recording.attempts)
    for secret in (server.token, SECRET, KEY, "goose%20berry"):
        assert secret not in shown
        assert secret.encode() not in bodies


DUMPS: dict[str, Callable[[str], str]] = {
    "header dump": lambda one: f"{{'Authorization': b'Bearer {one}'}}",
    "URL": lambda one: f"?token={quote(one, safe='')}&again={quote(quote_plus(one))}",
    "base64": lambda one: b64encode(f"key:{one}".encode()).decode(),
    "escapes": lambda one: "".join(f"\\u{ord(letter):04x}" for letter in one),
    "digits": lambda one: one.encode().hex(),
}


@pytest.mark.parametrize("dump", DUMPS)
@pytest.mark.parametrize("errors", [False, True])
def test_no_copy_of_a_secret_passes_on_however_it_is_encoded(
    client: Administrate, server: ScriptedServer, recording: Recording, dump: str, *, errors: bool
) -> None:
    call(client)
    copies = [DUMPS[dump](one) for one in (server.token, SECRET)]
    said = f"Refused: {' and '.join(copies)}."
    body = json.dumps({"errors": [{"message": said}]}) if errors else said
    server.script.append(Answer(body.encode(), 200 if errors else 403, {"Location": said}))
    error = failed(client)
    shown = f"{error} {error!r} {recording.attempts} {[one.body for one in recording.attempts]}"
    assert str(error).count("[secret]") >= 2
    for copy in copies:
        assert copy not in shown
        assert json.dumps(copy)[1:-1] not in shown


def test_what_the_server_said_is_quoted_at_bounded_length(
    client: Administrate, server: ScriptedServer
) -> None:
    server.script.extend([Answer(b"\x1b[31m" + b"no " * 10_000, 403)])
    error = failed(client)
    assert len(error.said) < 400
    assert "\x1b" not in error.said


def test_an_endless_answer_is_not_taken(client: Administrate, server: ScriptedServer) -> None:
    server.script.extend([data(viewer="x" * (65 * 2**20))] * 4)
    assert type(failed(client)) is SchemaMismatch
    assert len(server.calls) == 1


def test_of_an_answer_full_of_errors_the_first_are_told(
    client: Administrate, server: ScriptedServer
) -> None:
    errors = [{"message": "x" * 2**20}, *[{"message": "y"}] * 100_000]
    server.script.append(Answer(json.dumps({"errors": errors}).encode()))
    assert len(str(failed(client))) < 600


@define
class Stopping:
    """Waits, but for the last time: somebody asks for a stop meanwhile."""

    time: FakeTime
    waits: int

    def sleep(self, seconds: float) -> None:
        self.time.sleep(seconds)
        self.waits -= 1
        if self.waits == 0:
            raise StoppedResumably("stopped on request")


LOGIN = b"<!doctype html>\n<title>Sign in to Acme</title> token"


@pytest.mark.parametrize("page", [LOGIN, b"\n  <html>" + LOGIN, b"<?xml version='1.0'?><x/>"])
def test_a_page_in_place_of_an_answer_is_named_in_one_line(
    client: Administrate, server: ScriptedServer, page: bytes
) -> None:
    server.script.append(Answer(page))
    told = str(failed(client))
    assert "an HTML page came, probably of a login or a proxy" in told
    assert ("titled 'Sign in to Acme'" in told) == (b"title" in page)
    assert "\n" not in told
    assert "doctype" not in told
    assert len(server.calls) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 403, 404, 405, 410])
def test_a_refused_request_is_tried_once(
    client: Administrate, server: ScriptedServer, status: int
) -> None:
    to = {"Location": "https://login.example.com/start?state=secret"}
    server.script.append(Answer(LOGIN, status, to))
    told = str(failed(client))
    assert f"HTTP {status}" in told
    assert ("login.example.com" in told) == (status < 400)
    assert "secret" not in told
    assert len(server.calls) == 1


@pytest.mark.parametrize("said", ["You do not have permission", "Not authorised", "Access denied"])
def test_what_is_not_permitted_is_tried_once(
    client: Administrate, server: ScriptedServer, said: str
) -> None:
    body = {"data": None, "errors": [{"message": said, "path": ["hello"]}]}
    server.script.append(Answer(json.dumps(body).encode()))
    error = failed(client)
    assert type(error) is NotPermitted
    assert said in str(error)
    assert len(server.calls) == 1


@pytest.mark.parametrize("waits", [1, 2])
@pytest.mark.parametrize(
    ("fault", "done"), [(Fault.THROTTLED, Done.NO), (Fault.FAULT_AFTER, Done.UNKNOWN)]
)
def test_a_call_that_is_stopped_while_it_waits_to_be_repeated_is_true_about_what_was_done(
    server: ScriptedServer, time: FakeTime, fault: Fault, done: Done, waits: int
) -> None:
    server.script.extend([fault] * waits)
    sleep = Stopping(time, waits).sleep
    with Administrate(server.settings, clock=time.clock, sleep=sleep) as client:
        error = failed(client, UPDATE)
    assert isinstance(error, NotSent)
    assert (error.done, error.attempts) == (done, waits)
    assert not server.script


def test_no_error_advises_to_resume_since_only_a_run_knows_whether_it_can_be() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    advised = [one.advice for one in kinds if issubclass(one, errors.AdministrateError)]
    assert any(advised)
    assert not any("resume" in advice for advice in advised)
