"""Access tokens by OAuth 2 client credentials: in memory only, renewed early, by one thread."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from urllib.parse import urlencode

from attrs import field, frozen

from ledger.masking import keep_token
from sync.administrate.answers.reading import read_json, text_at
from sync.administrate.errors import (
    AnswerLost,
    CredentialsRefused,
    Malformed,
    RequestRefused,
    SchemaMismatch,
    TokenMissing,
    TokenUnavailable,
    TooSlow,
    Unreachable,
    WebPage,
)
from sync.administrate.operations import Kind, Operation
from sync.administrate.pace.rate import Pace
from sync.administrate.settings import AdministrateSettings
from sync.administrate.transport.connections import Reply, Transport

RENEW_BEFORE = 300.0  # seconds before its end at which a token is no longer used
DOCUMENTED_LIFE = 3600.0  # seconds, where the answer does not say

LARGEST_ANSWER = 2**20  # bytes
LONGEST_TOKEN = 2**14  # characters; servers take no longer headers

_TOKEN = Operation("token", Kind.READ, "")
_FORM = "application/x-www-form-urlencoded"
_CODE = re.compile("[a-z_]{1,40}")


@frozen
class Token:
    """An access token, and until when (on the client's clock) it is used."""

    text: str = field(repr=False)
    use_until: float


class Tokens:
    """The client's current token; threads that find it too old wait for one renewal."""

    def __init__(
        self,
        settings: AdministrateSettings,
        transport: Transport,
        pace: Pace,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._pace = pace
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    def current(self, operation: Operation) -> str:
        """A token with life left; errors are of the operation it is for, which was not sent."""
        with self._lock:
            if self._token is None or self._clock() >= self._token.use_until:
                self._token = self._ask(operation)
            return self._token.text

    def discard(self, refused: str) -> None:
        """Forget the token the API refused, unless another thread has renewed it already."""
        with self._lock:
            if self._token is not None and self._token.text == refused:
                self._token = None

    def _ask(self, operation: Operation) -> Token:
        form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": self._settings.api_key,
                "client_secret": self._settings.api_secret,
            }
        ).encode()
        self._pace.wait_for(operation)
        asked_at = self._clock()
        try:
            reply = self._transport.post(
                _TOKEN, self._settings.token_url, form, _FORM, token=None, largest=LARGEST_ANSWER
            )
            _refuse_status(operation, reply)
            answer = read_json(_TOKEN, reply)
        except WebPage as page:
            raise TokenMissing(operation, f"{page.happened} {page.said}".strip()) from None
        except (SchemaMismatch, TooSlow) as error:
            raise TokenMissing(operation, f"token endpoint: {error.said}") from None
        except Malformed:
            # Its body may hold a token, so it is not quoted.
            raise TokenUnavailable(operation, "the token endpoint's answer is no JSON") from None
        except (Unreachable, AnswerLost) as error:
            raise TokenUnavailable(operation, f"token endpoint: {error.said}") from None
        text = answer.get("access_token")
        if not isinstance(text, str) or not text:
            raise TokenMissing(operation, "the token endpoint's answer holds none")
        if not _fits_a_header(text):
            raise TokenMissing(operation, "the token endpoint's token is not one")
        keep_token(text)
        life = _life(answer.get("expires_in"))
        return Token(text, asked_at + life - min(RENEW_BEFORE, life / 10))


def _refuse_status(operation: Operation, reply: Reply) -> None:
    status = reply.status
    if status == 200:
        return
    said = f"token endpoint: HTTP {status}{_error_code(reply)}"
    if status in {400, 401, 403}:
        raise CredentialsRefused(operation, said, status=status)
    if status in {408, 429} or status >= 500:
        wait = reply.retry_after
        raise TokenUnavailable(operation, said, status=status, retry_after=wait)
    raise RequestRefused(operation, said, status=status)


def _error_code(reply: Reply) -> str:
    """The error's code (RFC 6749), as a suffix; free text could repeat what was sent."""
    try:
        code = text_at(_TOKEN, read_json(_TOKEN, reply), "error")
    except Malformed:
        return ""
    return f" ({code})" if _CODE.fullmatch(code) else ""


def _fits_a_header(token: str) -> bool:
    return (
        len(token) <= LONGEST_TOKEN and token.isascii() and token.isprintable() and " " not in token
    )


def _life(expires_in: object) -> float:
    try:
        life = float(str(expires_in))
    except ValueError:
        return DOCUMENTED_LIFE
    return life if 0 < life < 1e9 else DOCUMENTED_LIFE
