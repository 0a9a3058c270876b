"""Behind a proxy that signs people in, each acts in their own name, as far as their role goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from importer.pages.access import Access, Proxy, Role, proxy_of
from importer.pages.menu import ACTIONS
from importer.pages.page import Action
from ledger.errors import UsageRefused
from tests.importer.pages.serving import Served, Visit, served

ROLES = {"olga": Role.OPERATOR, "dora": Role.DECIDER}
PROXY = Proxy("X-Signed-In", (ip_network("127.0.0.1"),), ROLES)
ELSEWHERE = Proxy("X-Signed-In", (ip_network("192.0.2.0/24"),), ROLES)


@pytest.fixture(scope="module")
def behind(company_pages: Served) -> Iterator[Served]:
    """The company's pages behind a proxy on this machine."""
    site = company_pages.site
    with served(site.database, Access(proxy=PROXY), site.environ.process) as found:
        yield found


def signed_in(pages: Served, visit: Visit, user: str) -> Visit:
    """Somebody whom the proxy names; nobody gave a token."""
    visit.session.headers["x-signed-in"] = user
    visit.fixed_token = pages.site.access.form_token(f"user {user}")
    return visit


def test_the_user_is_the_actor_and_the_role_says_what_they_may(behind: Served) -> None:
    with behind.visited() as visit:
        dora = signed_in(behind, visit, "dora")
        assert "dora, decider" in dora.page("/today")
        first = dora.json("/discrepancies?entity=venues&outcome=suggested")["discrepancies"][0]
        pair = {
            "pair": first["candidates"][0]["pair"],
            "decision": "reject",
            "reason": "two houses",
        }
        assert dora.post("/discrepancies/decide", pair).status_code == 200
        assert dora.json("/decisions")["decisions"][0]["actor"] == "dora"
        assert dora.post("/import", {}).status_code == 403
        assert "Import" in dora.page("/import")
        assert "Look at its plan" not in dora.page("/import")
    with behind.visited() as visit:
        reader = signed_in(behind, visit, "somebody")
        assert reader.post("/discrepancies/decide", pair).status_code == 403
        assert "takes the role of decider" in reader.post("/discrepancies/decide", pair).text


@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.path)
def test_no_form_is_taken_from_a_role_below_its_own(behind: Served, action: Action) -> None:
    with behind.visited() as visit:
        for user, role in (("somebody", Role.READER), ("dora", Role.DECIDER)):
            answer = signed_in(behind, visit, user).post(re.sub(r"\{.*?\}", "x", action.path), {})
            assert (answer.status_code == 403) is (role < action.role), answer.text


def test_a_name_of_markup_is_text(behind: Served) -> None:
    with behind.visited() as visit:
        assert "&lt;b&gt;x, reader" in signed_in(behind, visit, "<b>x").page("/today")


def test_a_form_is_of_its_own_user(behind: Served) -> None:
    with behind.visited() as visit:
        dora = signed_in(behind, visit, "dora")
        dora.fixed_token = behind.site.access.form_token("user olga")
        assert dora.post("/discrepancies/decide", {}).status_code == 403


def test_the_header_counts_from_the_proxy_alone(company_pages: Served) -> None:
    access = Access(proxy=ELSEWHERE)
    with served(company_pages.site.database, access) as pages, pages.visited() as visit:
        olga = signed_in(pages, visit, "olga")
        for headers in ({}, {"x-forwarded-for": "192.0.2.1"}):
            answer = olga.get("/today", headers={"accept": "*/*", **headers})
            assert answer.status_code == 401


def test_without_a_header_the_token_is_an_operators(behind: Served) -> None:
    with behind.visited() as visit:
        assert "tests, operator" in visit.enter().page("/today")


@pytest.mark.parametrize(
    ("header", "addresses", "roles", "said"),
    [
        (None, ["127.0.0.1"], [], "name its --trust-header"),
        ("X", ["example.com"], [], "--trust-from"),
        ("X", [], ["ann"], "expected USER=reader|decider|operator"),
        ("X", [], ["ann=king"], "expected USER=reader|decider|operator"),
    ],
)
def test_options_that_make_no_proxy(
    header: str | None, addresses: list[str], roles: list[str], said: str
) -> None:
    with pytest.raises(UsageRefused) as refused:
        proxy_of(header, addresses, roles)
    assert said in str(refused.value)


def test_the_options_of_a_proxy() -> None:
    found = proxy_of("X", ["10.0.0.0/24", "::1"], ["ann=operator", "a=b=reader"])
    assert found is not None
    assert found.speaks("10.0.0.7")
    assert found.roles == {"ann": Role.OPERATOR, "a=b": Role.READER}
    assert proxy_of(None, [], []) is None
