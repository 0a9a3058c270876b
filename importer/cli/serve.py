"""``serve``: the audit pages in a browser."""

from __future__ import annotations

import click

from ledger.cli.command import command, opened_ledger
from ledger.output.lines import report, report_verbatim


@command("serve", "admsync serve", "admsync serve --port 8080 --read-only")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address of this machine to serve on.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="0: any free one.",
)
@click.option("--read-only", is_flag=True, help="Show everything, and change nothing.")
@click.option(
    "--trust-header",
    metavar="NAME",
    help="Behind a proxy: the header in which it names the user, who then acts.",
)
@click.option(
    "--trust-from",
    multiple=True,
    metavar="ADDRESS",
    help="Where the proxy speaks from, an address or a network; 127.0.0.1 if none is given.",
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="USER=ROLE",
    help="What a user of the proxy may do: reader, decider or operator; without one, a reader.",
)
@click.option(
    "--public-name", "names", multiple=True, metavar="HOST", help="A name that the proxy is called."
)
def serve(
    *,
    host: str,
    port: int,
    read_only: bool,
    trust_header: str | None,
    trust_from: tuple[str, ...],
    roles: tuple[str, ...],
    names: tuple[str, ...],
) -> None:
    """Serve the audit pages to a browser.

    The address printed holds a token, which lets whoever has it act as an operator until the server
    ends. What takes long goes on when a page is closed, or the server ends: it is a command in a
    process of its own. Behind a proxy that signs people in, each acts in their own name.
    """
    from importer.pages.access import Access, proxy_of
    from importer.pages.server import serve as serve_pages
    from importer.pages.site import Site
    from ledger.settings.environment import environment

    def announce(address: str) -> None:
        report("The audit pages are served; open this address (Ctrl-C stops the server):")
        report_verbatim(address)

    with opened_ledger(announcing=False) as ledger:
        proxy = proxy_of(trust_header, trust_from, roles)
        access = Access(read_only=read_only, proxy=proxy)
        site = Site(ledger.database, environment(), ledger.actor, access)
        serve_pages(site, host, port, names, announce)
