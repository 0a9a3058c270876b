"""Completes Administrate's addresses from the forms people write."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from attrs import frozen

from ledger.errors import SettingsError

_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*\.?")


@frozen
class Form:
    """The addresses that a setting may hold: a host, and behind it nothing, or any first part of
    ``path``, which is made whole."""

    path: tuple[str, ...]

    @property
    def whole(self) -> str:
        """The path of the called address."""
        return "".join(f"/{part}" for part in self.path)

    def completed(self, path: str) -> str | None:
        """The completed path; None for one that leads elsewhere. A prefix before the known parts,
        as of a gateway, is kept."""
        parts = [part for part in path.split("/") if part]
        for count in range(len(self.path), 0, -1):
            tail = tuple(part.lower() for part in parts[-count:])
            if tail == self.path[:count]:
                return "".join(f"/{part}" for part in parts[:-count]) + self.whole
        return None if parts else self.whole

    def whole_address(self, url: str) -> str:
        """An address with its path made whole."""
        parts = urlsplit(url)
        completed = self.completed(parts.path)
        return f"{parts.scheme}://{parts.netloc}{parts.path if completed is None else completed}"


def address(name: str, text: str, form: Form, *, allow_http: bool) -> str:
    """The address of a setting: https for a bare host, http for a bare one of this machine.

    Raises ``SettingsError`` for what is no such address, and for http to another machine, which
    would send key, secret and token in the clear, unless it is allowed.
    """
    scheme, rest = _scheme_and_rest(text.strip())
    if scheme not in ("http", "https", ""):
        raise SettingsError(f"{name} begins with {scheme}://; expected https://")
    if re.search(r"[@?#]", rest):
        # Not quoted: there may be a password in it.
        raise SettingsError(f"{name} may hold a host and a path, nothing else")
    host, port, path = _host_port_path(name, rest)
    scheme = scheme or ("http" if is_loopback(host) else "https")
    if scheme == "http" and not is_loopback(host) and not allow_http:
        raise SettingsError(
            f"{name} must be https: http://{host} would send the secret in the clear"
            " (ADMSYNC_ALLOW_HTTP=1 allows it, for a network of containers)"
        )
    completed = form.completed(path)
    if completed is None:
        expected = f"the host alone or …{form.whole}" if form.whole else "the host alone"
        raise SettingsError(f"{name} has the path {path!r}; expected {expected}")
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{f':{port}' if port else ''}{completed}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host.rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _scheme_and_rest(text: str) -> tuple[str, str]:
    scheme, separator, rest = text.partition("://")
    if separator:
        return scheme.lower(), rest
    try:
        # The one bare host with colons in it that are not before a port.
        return "", f"[{text}]" if ip_address(text).version == 6 else text
    except ValueError:
        return "", text


def _host_port_path(name: str, rest: str) -> tuple[str, int | None, str]:
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        # Not quoted: what stands there may be a password whose host was forgotten.
        raise SettingsError(f"{name} is not an address: its port or brackets are wrong") from None
    if not (_HOST_NAME.fullmatch(host) or _is_number(host)) or re.search(r"[\s\\%]", rest):
        raise SettingsError(f"{name} is not an address: {rest!r}; expected a host, or https://HOST")
    if port == 0:
        raise SettingsError(f"{name} is not an address: there is no port 0")
    return host, port, parts.path


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
