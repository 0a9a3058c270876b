"""The ASGI application: the token endpoint, the GraphQL endpoint, the control endpoint."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from attrs import define, frozen
from graphql import execute_sync

from sync.sandbox.control.endpoint import Control
from sync.sandbox.control.journal import Journal, now
from sync.sandbox.faults.answers import Answer
from sync.sandbox.faults.fault import Strikes
from sync.sandbox.graphql.call import Call
from sync.sandbox.graphql.documents import UNREADABLE, Document, parsed
from sync.sandbox.graphql.schema import DISPUTED, schema
from sync.sandbox.records.store import Store
from sync.sandbox.reply import Reply, failing, json_reply
from sync.sandbox.server.delivery import Receive, Scope, Send, deliver
from sync.sandbox.server.tokens import Tokens
from sync.sandbox.switches import Switches

TOKEN_CALL = "oauth.token"  # noqa: S105 - a name, not a token


@frozen
class GraphQLRequest:
    """A request's JSON body: ``query``, ``variables``, ``operationName``."""

    query: str
    variables: dict[str, Any]
    name: str | None

    @classmethod
    def read(cls, body: bytes) -> GraphQLRequest | None:
        """None where the body is not what GraphQL over HTTP sends."""
        try:
            content = json.loads(body)
        except ValueError:
            return None
        if not isinstance(content, dict) or not isinstance(content.get("query"), str):
            return None
        variables = content.get("variables") or {}
        if not isinstance(variables, dict):
            return None
        return cls(content["query"], variables, content.get("operationName") or None)


async def _body(receive: Receive) -> bytes:
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def disputed(switches: Switches) -> frozenset[str]:
    """The disputed members of the schema that are switched on."""
    return frozenset(name for name in DISPUTED if getattr(switches, name))


@define
class Sandbox:
    store: Store
    journal: Journal
    tokens: Tokens
    control: Control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = (scope["method"], scope["path"].rstrip("/"))
        body = await _body(receive)
        received = time.monotonic()
        strikes = Strikes()
        match route:
            case ("POST", "/graphql"):
                strikes, reply = self._graphql(_header(scope, b"authorization"), body)
            case ("POST", "/oauth/token"):
                strikes, reply = self._token(body)
            case (method, path) if path.startswith("/control/"):
                reply = self.control.reply(method, path.removeprefix("/control/"), body)
            case _:
                reply = failing(404)
        # A call that waits when the server ends is not answered.
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(received + strikes.wait - time.monotonic())
            await deliver(reply, strikes.delivery, scope, receive, send)

    def _instead(self, strikes: Strikes) -> Reply | None:
        """The reply where a fault ends the call before it is executed."""
        if strikes.revokes:
            self.tokens.revoke()
        return strikes.instead

    def _token(self, body: bytes) -> tuple[Strikes, Reply]:
        _, strikes = self.journal.receive(TOKEN_CALL, {TOKEN_CALL}, {})
        reply = self._instead(strikes)
        if reply is None:
            form = dict(parse_qsl(body.decode("utf-8", "replace")))
            reply = strikes.alter_reply(self.tokens.reply(form))
        return strikes, reply

    def _graphql(self, authorization: str, body: bytes) -> tuple[Strikes, Reply]:
        switches = self.journal.switches()
        request = GraphQLRequest.read(body)
        if request is None:
            _, strikes = self.journal.receive(UNREADABLE, {UNREADABLE}, {})
            return strikes, json_reply({"errors": [{"message": "Unreadable request"}]}, 400)
        document = parsed(request.query, request.name, disputed(switches))
        number, strikes = self.journal.receive(document.name, document.names, request.variables)
        reply = self._instead(strikes)
        if reply is None and not self.tokens.accept(authorization):
            reply = failing(401)
        if reply is None:
            answer, status = self._executed(request, document, switches, number, strikes)
            reply = strikes.alter_reply(json_reply(answer, status))
        return strikes, reply

    def _executed(
        self,
        request: GraphQLRequest,
        document: Document,
        switches: Switches,
        number: int,
        strikes: Strikes,
    ) -> tuple[Answer, int]:
        """The answer and its status."""
        if document.errors or document.syntax is None:
            errors = [error.formatted for error in document.errors]
            return {"errors": errors}, switches.invalid_status
        self.store.begin_call()
        call = Call(
            schema(disputed(switches)),
            self.store,
            switches,
            now(),
            partial(self.journal.changed, number),
            strikes.disturbance(number),
        )
        result = execute_sync(
            call.schema,
            document.syntax,
            context_value=call,
            variable_values=request.variables,
            operation_name=request.name,
        )
        self.control.webhooks.note()
        answer: Answer = {"data": result.data}
        often = {"always": 1, "sometimes": 3, "never": 0}[switches.empty_errors]
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        elif often and number % often == 0:
            answer["errors"] = []
        return strikes.alter_answer(answer), 200
