"""Reading an answer, in the order that decides: transport, top-level errors, then the data.

All here is from values to values. A number with a point becomes a Decimal, so amounts lose nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from sync.administrate.errors import (
    Malformed,
    Operation,
    OperationFailed,
    OperationRejected,
    RequestRefused,
    ServerFault,
    Throttled,
    TokenRefused,
)
from sync.administrate.retry import retry_after
from sync.administrate.transport import Reply

Data = Mapping[str, Any]
LONGEST_QUOTE = 300  # characters of what a server said


def read_data(operation: Operation, reply: Reply) -> Data:
    """The ``data`` of a good answer; else the error that says what the answer proves."""
    _refuse_status(operation, reply)
    answer = read_json(operation, reply)
    # Some good answers carry an empty list of errors beside their data.
    if answer.get("errors"):
        _refuse_errors(operation, reply, answer)
    data = answer.get("data")
    if not isinstance(data, dict):
        raise Malformed(operation, "neither data nor errors", status=reply.status)
    return data


def read_json(operation: Operation, reply: Reply) -> Data:
    """The body as a JSON object; Malformed where it is none."""
    try:
        answer = json.loads(reply.body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        said = f"no JSON ({type(error).__name__}): {quote(reply.body)}"
        raise Malformed(operation, said, status=reply.status) from None
    if not isinstance(answer, dict):
        raise Malformed(operation, f"no JSON object: {quote(reply.body)}", status=reply.status)
    return answer


def at(operation: Operation, value: object, *path: str) -> Any:
    """What stands at the path, which must lead through objects and not end in null."""
    for depth, name in enumerate(path):
        if not isinstance(value, dict) or value.get(name) is None:
            where = ".".join(path[: depth + 1])
            raise Malformed(operation, f"nothing at {where}, where the schema promises something")
        value = value[name]
    return value


def text_at(operation: Operation, value: object, *path: str) -> str:
    """The text at the path; Malformed where there is none or it is blank."""
    text = at(operation, value, *path)
    if not isinstance(text, str) or not text:
        raise Malformed(operation, f"{'.'.join(path)} is no text")
    return text


def amount(value: object) -> Decimal:
    """An amount of money, given as text or as a number; ValueError for anything else."""
    try:
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            number = Decimal(value)
            if number.is_finite():
                return number
    except InvalidOperation:
        pass
    raise ValueError(f"not an amount: {value!r}")


def quote(text: str | bytes) -> str:
    """What a server said, on one line and of bounded length."""
    if isinstance(text, bytes):
        text = text[: 4 * LONGEST_QUOTE].decode("utf-8", "replace")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def _refuse_status(operation: Operation, reply: Reply) -> None:
    status = reply.status
    if 200 <= status < 300:
        return
    if status == 400:
        # A server may send a failed validation with this status instead of 200.
        try:
            answer = read_json(operation, reply)
        except Malformed:
            answer = {}
        if answer.get("errors"):
            _refuse_errors(operation, reply, answer)
    said = ": ".join(filter(None, [f"HTTP {status}", quote(reply.body)]))
    wait = retry_after(reply.headers)
    if status == 401:
        raise TokenRefused(operation, said, status=status)
    if status == 429:
        raise Throttled(operation, said, status=status, retry_after=wait)
    if status == 408 or status >= 500:
        raise ServerFault(operation, said, status=status, retry_after=wait)
    raise RequestRefused(operation, said, status=status)


def _refuse_errors(operation: Operation, reply: Reply, answer: Data) -> NoReturn:
    errors = answer["errors"]
    if not isinstance(errors, list):
        raise Malformed(operation, f"errors is no list: {quote(str(errors))}", status=reply.status)
    said = quote("; ".join(_message(error) for error in errors))
    # Errors from inside the execution have a path, or come with data, be it null; where a server is
    # careless about that, calling a request executed is the error that does no harm.
    executed = any(isinstance(error, dict) and error.get("path") for error in errors)
    if not executed and ("data" not in answer or reply.status == 400):
        raise OperationRejected(operation, said, status=reply.status)
    failure = OperationFailed(operation, said, status=reply.status)
    failure.data, failure.body = answer.get("data"), reply.body
    raise failure


def _message(error: object) -> str:
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else str(error)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
