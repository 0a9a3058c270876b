"""An HTTP reply, and the ways in which it reaches the client or does not."""

from __future__ import annotations

import json
from enum import Enum
from http import HTTPStatus

from attrs import evolve, frozen


class Delivery(Enum):
    """What becomes of a reply on its way."""

    WHOLE = "whole"
    RESET = "reset"
    CLOSE = "closed"
    HEAD_THEN_CLOSE = "half of the headers, then closed"
    HALF_THEN_RESET = "half, then reset"
    HALF_THEN_CLOSE = "half, then closed"
    WHOLE_THEN_RESET = "whole, then reset"
    SILENCE = "silence"
    EXIT = "exit"


@frozen
class Reply:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)

    def with_retry(self, seconds: str | None) -> Reply:
        """The reply with another Retry-After, where it has one and another is wanted."""
        if seconds is None:
            return self
        return evolve(
            self,
            headers=tuple(
                (name, seconds if name == "retry-after" else value) for name, value in self.headers
            ),
        )


def json_reply(content: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(content).encode())


def failing(status: int, retry: str | None = None) -> Reply:
    """A reply in plain text, as a gateway or a framework gives it."""
    headers = (("content-type", "text/plain"), *([("retry-after", retry)] if retry else []))
    return Reply(status, HTTPStatus(status).phrase.encode(), headers)
