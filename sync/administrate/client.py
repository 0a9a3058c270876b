"""The client: one operation a call, tried as often as is safe, each attempt recorded."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import BoundedSemaphore, Lock
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from attrs import field, frozen

from ledger.errors import StoppedResumably
from sync.administrate.answers.reading import Data, read_data
from sync.administrate.errors import AdministrateError, Done, NotSent, Throttled, TokenRefused
from sync.administrate.operations import Operation
from sync.administrate.pace.rate import Pace
from sync.administrate.pace.reservations import CallReservations
from sync.administrate.pace.retry import wait_before_retry
from sync.administrate.recorder import ANSWERED, Attempt, Recorder
from sync.administrate.settings import AdministrateSettings
from sync.administrate.tokens import Tokens
from sync.administrate.transport.connections import Reply, Transport

T = TypeVar("T")


@frozen
class Answer(Generic[T]):
    """The result of an operation.

    ``in_doubt``: an earlier attempt of the same call may have made the change already.
    """

    operation: str
    variables: Mapping[str, Any]
    value: T
    status: int
    duration: float
    attempts: int
    in_doubt: bool
    body: bytes = field(repr=False)


class Administrate:
    """Administrate's GraphQL API; one is shared by a command's threads.

    ``calls`` counts every sending of an operation.
    ``sleep`` may raise ``StoppedResumably``: then the call that waits is ``NotSent``.
    """

    def __init__(
        self,
        settings: AdministrateSettings,
        *,
        recorder: Recorder | None = None,
        reservations: CallReservations | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._record: Recorder = recorder or (lambda _attempt: None)
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._transport = Transport(
            settings.timeouts,
            settings.network,
            secrets=[settings.api_key, settings.api_secret],
            clock=clock,
        )
        self._pace = Pace(settings.rate, reservations, clock=clock, sleep=sleep)
        self._tokens = Tokens(settings, self._transport, self._pace, clock=clock)
        self._gate: AbstractContextManager[object] = nullcontext()
        self._counting = Lock()
        self.calls = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close idle connections, and give back reserved calls."""
        self._transport.close()
        self._pace.close()

    @contextmanager
    def at_most(self, calls: int) -> Iterator[None]:
        """Limits the number of concurrent calls of all threads."""
        before, self._gate = self._gate, BoundedSemaphore(calls)
        try:
            yield
        finally:
            self._gate = before

    def call(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        read: Callable[[Data], T],
        *,
        whole: bool = True,
    ) -> Answer[T]:
        """The answer as ``read`` makes it from ``data``; AdministrateError where there is none.

        A Malformed that ``read`` raises counts as the attempt's failure. Without ``whole``, it
        judges by itself whether each value is of its type.
        """
        began = self._clock()
        renewed = in_doubt = False
        attempt, pause = 0, 0.0
        while True:
            try:
                with self._allowed(operation, pause):
                    attempt += 1
                    return self._attempt(
                        operation, variables, read, whole=whole, number=attempt, in_doubt=in_doubt
                    )
            except TokenRefused as error:
                if renewed:
                    raise error.ended(attempt, in_doubt=in_doubt) from None
                renewed, pause = True, 0.0
            except AdministrateError as error:
                in_doubt = in_doubt or error.done is not Done.NO
                wait = wait_before_retry(
                    error, attempt, self._clock() - began, self._settings.retries, self._chance()
                )
                if isinstance(error, Throttled):
                    self._pace.slow_down(wait or 0.0)
                if wait is None:
                    raise error.ended(attempt, in_doubt=in_doubt) from None
                pause = wait

    def pause(self, seconds: float) -> None:
        """Waits as between two attempts; ``StoppedResumably`` where a stop is requested."""
        self._sleep(seconds)

    @contextmanager
    def _allowed(self, operation: Operation, pause: float) -> Iterator[None]:
        """Waits until the call may start; it counts as concurrent for as long as the block.

        Raises NotSent where a stop is requested meanwhile.
        """
        try:
            if pause:
                self._sleep(pause)
        except StoppedResumably as stop:
            raise NotSent(operation, str(stop)) from None
        with self._gate:
            self._pace.wait_for(operation)
            yield

    def _attempt(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        read: Callable[[Data], T],
        *,
        whole: bool,
        number: int,
        in_doubt: bool,
    ) -> Answer[T]:
        began = self._clock()
        reply: Reply | None = None
        failure: AdministrateError | None = None
        try:
            reply = self._send(operation, variables)
            value = read(read_data(operation, reply, whole=whole))
            return Answer(
                operation=operation.name,
                variables=variables,
                value=value,
                status=reply.status,
                duration=self._clock() - began,
                attempts=number,
                in_doubt=in_doubt,
                body=reply.body,
            )
        except AdministrateError as error:
            failure = error
            raise
        finally:
            self._record(
                Attempt(
                    operation=operation.name,
                    variables=variables,
                    number=number,
                    outcome=type(failure).__name__ if failure else ANSWERED,
                    said=failure.said if failure else "",
                    status=reply.status if reply else failure.status if failure else None,
                    duration=self._clock() - began,
                    body=reply.body if reply else None,
                )
            )

    def _send(self, operation: Operation, variables: Mapping[str, Any]) -> Reply:
        request = {
            "query": operation.text,
            "operationName": operation.name,
            "variables": variables,
        }
        body = json.dumps(request).encode()
        with self._counting:
            self.calls += 1
        token = self._tokens.current(operation)
        reply = self._transport.post(
            operation, self._settings.graphql_url, body, "application/json", token
        )
        if reply.status == 401:
            self._tokens.discard(token)
        return reply
