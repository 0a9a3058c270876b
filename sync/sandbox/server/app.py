"""The sandbox as an ASGI application: the token endpoint, the GraphQL endpoint, the control."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

from attrs import define, frozen
from graphql import execute_sync

from sync.sandbox.control.endpoint import Control
from sync.sandbox.control.journal import Journal, now
from sync.sandbox.faults.fault import Plan
from sync.sandbox.graphql.call import Call
from sync.sandbox.graphql.documents import UNREADABLE, Operation, operation
from sync.sandbox.graphql.executable import schema
from sync.sandbox.graphql.schema import DISPUTED
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
        plan = Plan()
        match route:
            case ("POST", "/graphql"):
                plan, reply = self._graphql(_header(scope, b"authorization"), body)
            case ("POST", "/oauth/token"):
                plan, reply = self._token(body)
            case (method, path) if path.startswith("/control/"):
                reply = self.control.reply(method, path.removeprefix("/control/"), body)
            case _:
                reply = failing(404)
        # A call that waits when the server ends is not answered.
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(received + plan.wait - time.monotonic())
            await deliver(reply, plan.delivery, scope, receive, send)

    def _struck(self, plan: Plan) -> Reply | None:
        """The plan's reply where the call ends before it is executed."""
        if plan.revokes:
            self.tokens.revoke()
        return plan.instead

    def _token(self, body: bytes) -> tuple[Plan, Reply]:
        _, plan = self.journal.receive(TOKEN_CALL, {TOKEN_CALL}, {})
        reply = self._struck(plan)
        if reply is None:
            form = dict(parse_qsl(body.decode("utf-8", "replace")))
            reply = plan.spoil_reply(self.tokens.reply(form))
        return plan, reply

    def _graphql(self, authorization: str, body: bytes) -> tuple[Plan, Reply]:
        switches = self.journal.switches()
        request = GraphQLRequest.read(body)
        if request is None:
            _, plan = self.journal.receive(UNREADABLE, {UNREADABLE}, {})
            return plan, json_reply({"errors": [{"message": "Unreadable request"}]}, 400)
        asked = operation(request.query, request.name, disputed(switches))
        number, plan = self.journal.receive(asked.name, asked.names, request.variables)
        reply = self._struck(plan)
        if reply is None and not self.tokens.accept(authorization):
            reply = failing(401)
        if reply is None:
            reply = plan.spoil_reply(self._executed(request, asked, switches, number, plan))
        return plan, reply

    def _executed(
        self,
        request: GraphQLRequest,
        asked: Operation,
        switches: Switches,
        number: int,
        plan: Plan,
    ) -> Reply:
        if asked.errors or asked.document is None:
            errors = [error.formatted for error in asked.errors]
            return json_reply({"errors": errors}, switches.invalid_status)
        self.store.begin_call()
        call = Call(
            self.store,
            switches,
            now(),
            lambda mutation, node: self.journal.changed(number, mutation, node),
            plan.mischief(number),
        )
        result = execute_sync(
            schema(disputed(switches)),
            asked.document,
            context_value=call,
            variable_values=request.variables,
            operation_name=request.name,
        )
        answer: dict[str, Any] = {"data": result.data}
        often = {"always": 1, "sometimes": 3, "never": 0}[switches.empty_errors]
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        elif often and number % often == 0:
            answer["errors"] = []
        return json_reply(plan.spoil_answer(answer))
