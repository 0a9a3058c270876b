"""Who may come in: the token of a server's start, a proxy's word for a user, and what each may do.

A session is a random name with a signature of this start, so that nothing is kept of it, and it
ends with the server. Each form carries a signature of its session: another site cannot know it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from enum import IntEnum
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from secrets import token_bytes, token_urlsafe

from attrs import evolve, field, frozen

from ledger.errors import UsageRefused


class Role(IntEnum):
    """What a visitor may do; each may do what those before it may."""

    READER = 0
    DECIDER = 1
    OPERATOR = 2


@frozen
class Visitor:
    """Who asks: ``name`` is a proxy's user, None the operator who has the token."""

    name: str | None
    role: Role
    session: str = field(repr=False)


@frozen
class Proxy:
    """A proxy that says in a ``header`` who the user is; believed from these networks alone.

    A user without a role of their own is a reader.
    """

    header: str
    networks: tuple[IPv4Network | IPv6Network, ...]
    roles: Mapping[str, Role] = field(factory=dict)

    def speaks(self, address: str) -> bool:
        """Whether a connection from there is the proxy's."""
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self.networks)


def proxy_of(header: str | None, addresses: Sequence[str], roles: Sequence[str]) -> Proxy | None:
    """The proxy of the options as they were typed; None where no header is trusted.

    Raises ``UsageRefused`` for an address, a user or a role that is none.
    """
    if header is None:
        if addresses or roles:
            raise UsageRefused("--trust-from and --role are of a proxy; name its --trust-header")
        return None
    try:
        networks = tuple(ip_network(one) for one in addresses or ["127.0.0.1"])
    except ValueError as problem:
        raise UsageRefused(f"--trust-from: {problem}; expected 10.0.0.5 or 10.0.0.0/24") from None
    return Proxy(header, networks, dict(map(_user_and_role, roles)))


def _user_and_role(typed: str) -> tuple[str, Role]:
    user, _, name = typed.rpartition("=")
    known = {one.name.lower(): one for one in Role}
    if not user or name not in known:
        raise UsageRefused(f"--role {typed!r} is none; expected USER={'|'.join(known)}")
    return user, known[name]


@frozen
class Access:
    """The token and the key of one start; with ``read_only`` everybody is a reader."""

    read_only: bool = False
    proxy: Proxy | None = None
    token: str = field(factory=lambda: token_urlsafe(32), repr=False)
    _key: bytes = field(factory=lambda: token_bytes(32), repr=False)

    def is_token(self, given: str) -> bool:
        """Whether it is the token, compared in constant time."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def new_session(self) -> str:
        """The cookie of somebody who gave the token."""
        name = token_urlsafe(24)
        return f"{name}.{self._signed('session', name)}"

    def form_token(self, session: str) -> str:
        """What the forms of a session carry."""
        return self._signed("form", session)

    def is_form_token(self, given: str, session: str) -> bool:
        """Whether a form is one of the session's."""
        return hmac.compare_digest(given.encode(), self.form_token(session).encode())

    def with_token(self, given: str) -> Visitor | None:
        """The operator, where it is the token."""
        return self._allowed(Visitor(None, Role.OPERATOR, "")) if self.is_token(given) else None

    def with_cookie(self, cookie: str) -> Visitor | None:
        """The operator, where the cookie is a session of this start."""
        name, _, signature = cookie.partition(".")
        genuine = self._signed("session", name)
        if not hmac.compare_digest(signature.encode(), genuine.encode()):
            return None
        return self._allowed(Visitor(None, Role.OPERATOR, cookie))

    def of_proxy(self, address: str, user: str) -> Visitor | None:
        """The user whom the proxy names; None where it is not the proxy that speaks."""
        if self.proxy is None or not user or not self.proxy.speaks(address):
            return None
        role = self.proxy.roles.get(user, Role.READER)
        return self._allowed(Visitor(user, role, f"user {user}"))

    def _allowed(self, visitor: Visitor) -> Visitor:
        return evolve(visitor, role=Role.READER) if self.read_only else visitor

    def _signed(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose} {text}".encode(), sha256).hexdigest()
