"""Where Administrate is, who we are there, and how hard the client tries."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from attrs import field, frozen

from ledger.errors import SettingsError
from sync.administrate.rate import RateLimit
from sync.administrate.retry import RetryBudget

_ADDRESSES = ("ADMINISTRATE_API_URL", "ADMINISTRATE_AUTH_URL", "ADMINISTRATE_INSTANCE_URL")
_VARIABLES = (*_ADDRESSES, "ADMINISTRATE_API_KEY", "ADMINISTRATE_API_SECRET")


@frozen
class Timeouts:
    """Seconds: for a connection, between two pieces of an answer, and for the whole answer."""

    connect: float = 10.0
    read: float = 60.0
    whole: float = 120.0


@frozen
class AdministrateSettings:
    """What the client needs to know; the key and secret stay out of its ``repr``.

    ``api_url`` and ``auth_url`` may be the bare host (``https://auth.getadministrate.com``) or the
    full address (``…/graphql``, ``…/oauth/token``).
    """

    api_url: str
    auth_url: str
    instance_url: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    timeouts: Timeouts = field(factory=Timeouts)
    retries: RetryBudget = field(factory=RetryBudget)
    rate: RateLimit = field(factory=RateLimit)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> AdministrateSettings:
        """The settings of these variables; SettingsError names every one missing, or a bad URL."""
        given = {variable: environ.get(variable, "").strip() for variable in _VARIABLES}
        missing = [variable for variable, value in given.items() if not value]
        if missing:
            raise SettingsError(
                f"not set: {', '.join(missing)}. Set them in the environment or in .env"
            )
        for variable in _ADDRESSES:
            _refuse_unsafe(variable, given[variable])
        api, auth, instance, key, secret = given.values()
        return cls(api, auth, instance, key, secret)

    @property
    def graphql_url(self) -> str:
        """The address operations are posted to."""
        return _with_path(self.api_url, "/graphql")

    @property
    def token_url(self) -> str:
        """The address tokens are asked from."""
        return _with_path(self.auth_url, "/oauth/token")


def _with_path(url: str, path: str) -> str:
    base = url.rstrip("/")
    return base if urlsplit(base).path.endswith(path) else base + path


def _refuse_unsafe(variable: str, url: str) -> None:
    """Key, secret and token travel only over TLS, or not off this machine."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SettingsError(f"{variable} is not an address: {error}") from error
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingsError(f"{variable} may hold a host and a path, nothing else")
    if not host or parts.scheme not in {"http", "https"}:
        raise SettingsError(f"{variable} is not an http(s) address: {url!r}")
    if parts.scheme == "http" and not _is_loopback(host):
        raise SettingsError(f"{variable} must be https: {url!r} would send the secret in the clear")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
