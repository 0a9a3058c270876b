"""Reads an answer, in the order that decides: transport, top-level errors, then the data.

Pure functions. A number with a point becomes a Decimal, so that amounts are exact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import urlsplit

from sync.administrate.answers.conformity import Fault, answer_faults
from sync.administrate.errors import (
    ConnectionClosed,
    Done,
    Malformed,
    NotPermitted,
    OperationFailed,
    OperationRejected,
    RequestRefused,
    SchemaMismatch,
    ServerFault,
    Throttled,
    TokenRefused,
    WebPage,
)
from sync.administrate.operations import Kind, Operation
from sync.administrate.transport.connections import Reply

Data = Mapping[str, Any]
LONGEST_QUOTE = 300  # characters of what a server said
_LONGEST_TITLE = 60
# As much of a list of errors as is looked at.
_MOST_ERRORS, _LONGEST_MESSAGE = 100, 10_000
_START = 4096  # bytes of a body in which a page shows itself
_TITLE = re.compile(rb"<title[^>]*>([^<]+)", re.IGNORECASE)


# What says that asking again as this user is of no use; the API's own words are not known.
_NOT_PERMITTED = re.compile(
    r"permission|permitted|forbidden|not allowed|unauthori[sz]ed|not authori[sz]ed|denied|privilege"
    r"|insufficient (rights|access|scope)|no access|access right",
    re.IGNORECASE,
)
# What says that the document itself is refused, in the words of graphql-core, and in codes in use.
_INVALID = re.compile(
    r"Cannot query field|^Unknown (argument|type|fragment|directive)|^Syntax Error|^Variable '?\$"
    r"|does not exist in '|is not defined by|GRAPHQL_(VALIDATION|PARSE)_FAILED",
)


def read_data(operation: Operation, reply: Reply, *, whole: bool = True) -> Data:
    """The ``data`` of a good answer; else the error that the answer proves.

    Without ``whole``, the caller looks for values that are not of the schema's types.
    """
    _refuse_status(operation, reply)
    answer = read_json(operation, reply)
    # Some good answers carry an empty list of errors beside their data.
    if answer.get("errors"):
        _refuse_errors(operation, reply, answer)
    data = answer.get("data")
    if not isinstance(data, dict):
        raise Malformed(operation, "neither data nor errors", status=reply.status)
    if whole:
        for fault in answer_faults(operation, data):
            refuse(operation, fault)
    return data


def refuse(operation: Operation, fault: Fault) -> NoReturn:
    """Raises the error of an answer with that fault."""
    raise (Malformed if fault.missing else SchemaMismatch)(operation, str(fault))


def read_json(operation: Operation, reply: Reply) -> Data:
    """The body as a JSON object; Malformed where it is none.

    A number that none can hold, and one that is none (NaN), become a Decimal that is no number.
    """
    if _is_web_page(reply):
        raise WebPage(operation, _title(reply.body).strip(), status=reply.status)
    try:
        answer = json.loads(
            reply.body, parse_float=_decimal, parse_int=_whole_number, parse_constant=_decimal
        )
    except (ValueError, RecursionError) as error:
        if reply.ends_with_connection:
            said = f"{len(reply.body)} bytes came, and not how many there were to be"
            raise ConnectionClosed(operation, said, status=reply.status) from None
        said = f"no JSON ({type(error).__name__}): {quote(reply.body)}"
        raise Malformed(operation, said, status=reply.status) from None
    if not isinstance(answer, dict):
        raise Malformed(operation, f"no JSON object: {quote(reply.body)}", status=reply.status)
    return answer


def at(operation: Operation, value: object, *path: str) -> Any:
    """The value at the path, which must lead through objects and not end in null."""
    for depth, name in enumerate(path):
        if not isinstance(value, dict) or value.get(name) is None:
            where = ".".join(path[: depth + 1])
            raise Malformed(operation, f"nothing at {where}, where the schema promises something")
        value = value[name]
    return value


def text_at(operation: Operation, value: object, *path: str) -> str:
    """The text at the path; Malformed where it is missing or blank."""
    text = at(operation, value, *path)
    if not isinstance(text, str) or not text:
        raise Malformed(operation, f"{'.'.join(path)} is no text")
    return text


def quote(text: str | bytes) -> str:
    """A server's text, on one line and of bounded length."""
    if isinstance(text, bytes):
        text = text[: 4 * LONGEST_QUOTE].decode("utf-8", "replace")
    text = text[: 4 * LONGEST_QUOTE]
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
    shown = f"a page of HTML{_title(reply.body)}" if _is_web_page(reply) else quote(reply.body)
    where = _redirected_to(reply)
    said = ": ".join(filter(None, [f"HTTP {status}{where}", shown]))
    wait = reply.retry_after
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
    errors = errors[:_MOST_ERRORS]
    said = quote("; ".join(_message(error) for error in errors))
    # Errors from inside the execution have a path, or come with data, be it null; where a server is
    # careless about that, calling a request executed is the error that does no harm.
    executed = any(isinstance(error, dict) and error.get("path") for error in errors)
    rejected = not executed and ("data" not in answer or reply.status == 400)
    if any(_says(error, _NOT_PERMITTED) for error in errors):
        failure: OperationFailed = NotPermitted(
            operation, said, status=reply.status, done=Done.NO if rejected else None
        )
    else:
        # A read does no harm, however it was refused.
        invalid = not executed and any(_says(error, _INVALID) for error in errors)
        if rejected or (invalid and operation.kind is Kind.READ):
            raise OperationRejected(operation, said, status=reply.status)
        failure = OperationFailed(operation, said, status=reply.status)
    failure.data, failure.body = answer.get("data"), reply.body
    raise failure


def _says(error: object, words: re.Pattern[str]) -> bool:
    """Whether an error's message or code says so."""
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return bool(words.search(_message(error)) or (isinstance(code, str) and words.search(code)))


def _is_web_page(reply: Reply) -> bool:
    start = reply.body[:_START].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<")


def _redirected_to(reply: Reply) -> str:
    """A redirect's target, for a message: its host alone, the rest may hold secrets."""
    try:
        host = urlsplit(reply.headers.get("Location", "")).hostname
    except ValueError:
        host = None
    return f", a redirect to {quote(host)}" if host and 300 <= reply.status < 400 else ""


def _title(page: bytes) -> str:
    """The title of an HTML page, for a message; empty where it has none."""
    found = _TITLE.search(page[:_START])
    title = quote(found[1])[:_LONGEST_TITLE] if found else ""
    return f" titled {title!r}" if title else ""


def _message(error: object) -> str:
    message = error.get("message") if isinstance(error, dict) else None
    return (message if isinstance(message, str) else str(error))[:_LONGEST_MESSAGE]


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        return Decimal("NaN")


def _whole_number(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:  # Python reads no more than a few thousand digits
        return Decimal("NaN")
