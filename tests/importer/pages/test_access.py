"""Sessions, forms and users are told apart by signatures, networks and names."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from importer.pages.access import Access, Proxy, Role
from importer.pages.addresses import is_local, record_address

BEHIND = Proxy("x-user", (ip_network("127.0.0.0/8"),), {"ann": Role.DECIDER})


def test_a_session_is_of_one_start_alone() -> None:
    here, elsewhere = Access(), Access()
    session = here.new_session()
    visitor = here.with_cookie(session)
    assert visitor is not None
    assert visitor.role is Role.OPERATOR
    assert elsewhere.with_cookie(session) is None


@pytest.mark.parametrize("forged", ["", ".", "a.b", "a", "é.é", "a" * 10_000])
def test_a_made_up_cookie_or_token_is_nobody(forged: str) -> None:
    assert Access().with_cookie(forged) is None
    assert Access().with_token(forged) is None


def test_a_form_is_of_one_session_alone() -> None:
    access = Access()
    one, other = access.new_session(), access.new_session()
    assert access.is_form_token(access.form_token(one), one)
    assert not access.is_form_token(access.form_token(one), other)
    assert not access.is_form_token("", one)


def test_a_cookie_is_no_form_token_and_a_form_token_is_no_cookie() -> None:
    access = Access()
    session = access.new_session()
    assert not access.is_form_token(session.partition(".")[2], session)
    assert access.with_cookie(f"x.{access.form_token('x')}") is None


def test_a_proxy_is_believed_from_its_network_alone() -> None:
    access = Access(proxy=BEHIND)
    ann, bob = access.of_proxy("127.0.0.1", "ann"), access.of_proxy("127.0.0.1", "bob")
    assert ann is not None
    assert bob is not None
    assert (ann.name, ann.role, bob.role) == ("ann", Role.DECIDER, Role.READER)
    for address in ("192.0.2.1", "", "unix"):
        assert access.of_proxy(address, "ann") is None
    assert Access().of_proxy("127.0.0.1", "ann") is None


def test_where_nothing_is_to_be_changed_everybody_is_a_reader() -> None:
    access = Access(read_only=True, proxy=BEHIND)
    visitors = (access.with_token(access.token), access.of_proxy("127.0.0.1", "ann"))
    assert [one and one.role for one in visitors] == [Role.READER, Role.READER]


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("/runs?kind=sync", True),
        ("//example.com", False),
        ("/\\example.com", False),
        ("https://example.com", False),
        ("/\t/example.com", False),
        ("", False),
    ],
)
def test_the_way_on_leads_to_a_page_of_this_server(address: str, *, local: bool) -> None:
    assert is_local(address) is local


def test_an_address_holds_any_name() -> None:
    assert record_address("adm.venues/a/b?c#d é", 7) == (
        "/records/adm.venues/a%2Fb%3Fc%23d%20%C3%A9?at=7"
    )
