"""Serves the pages until SIGINT or SIGTERM."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address

from importer.pages.addresses import with_query
from importer.pages.app import application
from importer.pages.site import Site
from ledger.errors import UsageRefused
from sync.loopback_server import listening, serve_until_interrupted


def serve(
    site: Site, host: str, port: int, names: tuple[str, ...], serves: Callable[[str], None]
) -> None:
    """Serves a site on an address; ``serves`` gets the address to enter by once it does.

    ``names`` are hosts by which a proxy calls it. Raises ``UsageRefused`` for an address that other
    machines reach, where no proxy keeps them out, and ``PortTaken``.
    """
    _require_loopback(site, host)
    listener = listening(host, port)
    own = _own_names(listener)
    application_ = application(site, own.union(names), _cookie(listener))
    entering = with_query("/enter", token=site.access.token)
    address = f"http://{_spelt(host)}:{listener.getsockname()[1]}{entering}"
    serve_until_interrupted(application_, listener, lambda: serves(address), server_header=False)


def _require_loopback(site: Site, host: str) -> None:
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        raise UsageRefused(
            f"{host!r} is no address; expected 127.0.0.1, ::1 or, behind a proxy, another"
        ) from None
    if not loopback and site.access.proxy is None:
        raise UsageRefused(
            f"{host} is reached from other machines, and what goes over the network is not"
            " encrypted; serve on 127.0.0.1, or behind a proxy with --trust-header"
        )


def _spelt(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _own_names(listener: socket.socket) -> frozenset[str]:
    """What a browser on this machine calls the server."""
    host, port = listener.getsockname()[:2]
    return frozenset(f"{name}:{port}" for name in (_spelt(host), "127.0.0.1", "localhost", "[::1]"))


def _cookie(listener: socket.socket) -> str:
    """Cookies are not kept apart by port, and another server may run on this machine."""
    return f"admsync-{listener.getsockname()[1]}"
