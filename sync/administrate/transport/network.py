"""The network route to Administrate: trusted certificates and proxies."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, MutableMapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from attrs import field, frozen
from requests.utils import select_proxy, should_bypass_proxies

from ledger.errors import SettingsError
from ledger.masking import keep_secret
from ledger.settings.environment import Kind, Setting
from sync.administrate.transport.addresses import is_loopback
from sync.administrate.transport.deadline import Deadline, PunctualAdapter

# Of these the first that is set counts.
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_PROXIES = {"http": "HTTP_PROXY", "https": "HTTPS_PROXY", "all": "ALL_PROXY"}
_EXCEPT = "NO_PROXY"
_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")

_WAY = "the way to Administrate; never to this machine"
SETTINGS = (
    *(
        Setting(name, "the certificates to trust; the first that is set counts")
        for name in _BUNDLES
    ),
    # A proxy's address may hold a password.
    *(Setting(name, _WAY, Kind.SECRET) for name in _PROXIES.values()),
    Setting(_EXCEPT, _WAY),
)


@frozen
class Network:
    """Whom to trust (the usual ones, or those of a file or directory), and the proxy for each
    scheme. This machine is reached without one."""

    trusted: str | None = None
    proxies: Mapping[str, str] = field(factory=dict, repr=False)
    no_proxy: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Network:
        """The network that the usual variables describe; SettingsError where one cannot be used."""
        trusted = next(filter(None, (_trusted(environ, name) for name in _BUNDLES)), None)
        proxies = {
            scheme: _proxy(name, value)
            for scheme, name in _PROXIES.items()
            if (value := _either(environ, name))
        }
        return cls(trusted, proxies, _either(environ, _EXCEPT))

    def proxies_for(self, url: str) -> dict[str, str]:
        """The proxies for an address, by scheme; none where it is reached directly."""
        host = urlsplit(url).hostname or ""
        if is_loopback(host) or should_bypass_proxies(url, self.no_proxy):
            return {}
        proxy = select_proxy(url, dict(self.proxies))
        return {urlsplit(url).scheme: proxy} if proxy else {}

    def session(self, deadline: Deadline) -> requests.Session:
        """A session that goes this way, whatever the process's environment says; its answers are
        whole by the deadline."""
        return _Session(self, deadline)


class _Session(requests.Session):
    def __init__(self, network: Network, deadline: Deadline) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, PunctualAdapter(deadline))
        self._network = network
        # Read once, by us: libraries take each variable as it comes, from the environment alone.
        self.trust_env = False

    def merge_environment_settings(
        self,
        url: str | bytes | None,
        proxies: MutableMapping[str, str] | None,
        stream: bool | None,  # noqa: FBT001 - the signature is requests'
        verify: Any,
        cert: Any,
    ) -> Any:
        merged = super().merge_environment_settings(url, proxies or {}, stream, verify, cert)
        merged["proxies"] = self._network.proxies_for(str(url))
        merged["verify"] = self._network.trusted or True
        return merged


def variable(environ: Mapping[str, str], name: str) -> str:
    """The spelling of a proxy's variable that counts: the lower case goes first, as elsewhere."""
    if name in (*_PROXIES.values(), _EXCEPT) and environ.get(name.lower()):
        return name.lower()
    return name


def _either(environ: Mapping[str, str], name: str) -> str:
    return environ.get(variable(environ, name), "").strip()


def _trusted(environ: Mapping[str, str], name: str) -> str | None:
    given = environ.get(name)
    if not given:
        return None
    path = Path(given).expanduser()
    try:
        if path.is_dir():
            if name != "SSL_CERT_FILE" and any(path.glob("????????.[0-9]*")):
                return str(path)
            raise SettingsError(f"{name} is a directory without certificates in it: {path}")
        ssl.create_default_context().load_verify_locations(path)
    except ssl.SSLError:
        raise SettingsError(f"{name} is not a file of certificates (PEM): {path}") from None
    except OSError as problem:
        raise SettingsError(
            f"{name} cannot be read: {path}: {problem.strerror or problem}"
        ) from None
    return str(path)


def _proxy(name: str, value: str) -> str:
    # Without a scheme, as many write it, it is http.
    url = value if "://" in value else f"http://{value}"
    keep_secret(url)
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https", *_SOCKS) and bool(parts.hostname)
        usable = usable and parts.port != 0 and not any(letter.isspace() for letter in url)
    except ValueError:
        usable = False
    if not usable:
        # Not quoted: there may be a password in it.
        raise SettingsError(f"{name} is not the address of a proxy; expected http://HOST:PORT")
    if parts.scheme.lower() in _SOCKS and find_spec("socks") is None:
        raise SettingsError(f"{name} is a SOCKS proxy, which needs a package: pip install PySocks")
    return url
