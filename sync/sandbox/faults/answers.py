"""Wrong answers: how the reply to an executed call is altered before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve

from sync.sandbox.reply import Reply, json_reply

Answer = dict[str, Any]

UNEXPECTED = {"message": "An unexpected error occurred"}
FORBIDDEN = json_reply(
    {
        "data": None,
        "errors": [{"message": "You do not have permission to do this", "path": ["viewer"]}],
    }
)
ERRORS = json_reply({"data": None, "errors": [UNEXPECTED]})
PAGE = b"<!doctype html><title>Maintenance</title><p>We will be back shortly.</p>"


def truncated(reply: Reply) -> Reply:
    return evolve(reply, body=reply.body[: len(reply.body) // 2])


def not_json(_: Reply) -> Reply:
    return Reply(200, PAGE, (("content-type", "text/html"),))


def errors(_: Answer, __: str | None) -> Answer:
    return {"data": None, "errors": [UNEXPECTED]}


def partial_errors(answer: Answer, _: str | None) -> Answer:
    return {**answer, "errors": [UNEXPECTED]}


def null(answer: Answer, name: str | None) -> Answer:
    """Blanks the first field of that name, depth first; without one, the whole data."""
    return _put(answer, name, lambda _: None)


def wrong_type(answer: Answer, name: str | None) -> Answer:
    """Puts the first field of that name into a list; without one, the whole data."""
    return _put(answer, name, lambda value: [value])


def endless_text(answer: Answer, name: str | None) -> Answer:
    """Makes the first field of that name a text of ten million characters; without one, the whole
    data."""
    return _put(answer, name, lambda _: "x" * 10_000_000)


def _put(answer: Answer, name: str | None, change: Callable[[object], object]) -> Answer:
    """Changes the first field of that name (``id``), depth first."""

    def changed(value: object) -> tuple[object, bool]:
        if isinstance(value, dict):
            if wanted in value:
                return {**value, wanted: change(value[wanted])}, True
            for key, inner in value.items():
                new, done = changed(inner)
                if done:
                    return {**value, key: new}, True
        if isinstance(value, list):
            for at, inner in enumerate(value):
                new, done = changed(inner)
                if done:
                    return [*value[:at], new, *value[at + 1 :]], True
        return value, False

    wanted = name or "id"
    data, done = changed(answer.get("data"))
    return {**answer, "data": data if done else change(answer.get("data"))}


def warnings(answer: Answer, _: str | None) -> Answer:
    """Puts an error beside the entity in each payload that has room for errors."""
    warning = {"label": "title", "message": "The title is unusually long", "value": None}

    def warned(value: Any, depth: int) -> Any:
        # A payload is the value of its mutation, within its namespace.
        if depth == 0 or not isinstance(value, dict):
            has_room = isinstance(value, dict) and "errors" in value
            return {**value, "errors": [warning]} if has_room else value
        return {name: warned(inner, depth - 1) for name, inner in value.items()}

    return {**answer, "data": warned(answer["data"], 2)}
