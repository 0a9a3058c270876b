"""Nobody without the token sees anything; no other site acts in the name of who has it."""

from __future__ import annotations

import http.client
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from importer.pages.access import Access
from importer.pages.app import FIRST
from importer.pages.guard import LARGEST_FILE
from importer.pages.rendering import static_files
from ledger.database.connection import Database
from tests.importer.pages.serving import COOKIE, Visit, served


def raw(visit: Visit, method: str, target: str, body: bytes = b"", **headers: str) -> int:
    """A request as it is written here, which no client makes: the status of its answer."""
    connection = http.client.HTTPConnection(urlsplit(visit.base).netloc, timeout=20)
    connection.putrequest(method, target, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body or None)
    status = connection.getresponse().status
    connection.close()
    return status


def test_without_the_token_nothing_is_shown(outside: Visit) -> None:
    asked = outside.get("/runs?kind=sync", allow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/enter?next=%2Fruns%3Fkind%3Dsync",
    )
    assert "Token" in outside.page("/runs?kind=sync")
    for path in ("/runs.json", "/nowhere", "/records/adm.venues/1"):
        assert outside.get(path, headers={"accept": "*/*"}).status_code == 401


def test_the_token_is_exchanged_for_a_cookie_that_scripts_and_other_sites_lack(
    outside: Visit,
) -> None:
    given = {"token": outside.site.access.token, "next": "/runs?kind=sync"}
    entered = outside.get("/enter", params=given, allow_redirects=False)
    assert entered.headers["location"] == "/runs?kind=sync"
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert outside.site.access.token.lower() not in cookie
    assert "Nothing has run yet." in outside.page("/runs")


@pytest.mark.parametrize("onwards", ["//example.com/", "https://example.com/", "/\\example.com"])
def test_the_entrance_leads_nowhere_else(outside: Visit, onwards: str) -> None:
    given = {"token": outside.site.access.token, "next": onwards}
    entered = outside.get("/enter", params=given, allow_redirects=False)
    assert entered.headers["location"] == FIRST


def test_another_token_is_refused(outside: Visit) -> None:
    wrong = outside.get("/enter", params={"token": "gooseberry"})
    assert wrong.status_code == 403
    assert "gooseberry" not in wrong.text
    assert (
        outside.get(
            "/runs.json", headers={"authorization": "Bearer x", "accept": "*/*"}
        ).status_code
        == 401
    )


def test_a_program_names_the_token_with_each_request(outside: Visit) -> None:
    bearer = {"authorization": f"Bearer {outside.site.access.token}"}
    assert outside.get("/runs.json", headers=bearer).json()["runs"] == []


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1", "127.0.0.1:1", "localhost.example"])
def test_another_host_is_refused(inside: Visit, host: str) -> None:
    assert raw(inside, "GET", "/runs", Host=host) == 421


def test_another_site_sends_no_form(inside: Visit) -> None:
    for headers in (
        {"origin": "https://example.com"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert inside.post("/enter", {"token": "x"}, headers=headers).status_code == 403


def test_each_answer_bars_scripts_and_frames_of_others(inside: Visit) -> None:
    name = next(iter(static_files()))
    for path in ("/runs", "/runs.json", "/enter", "/nowhere", f"/static/{name}"):
        headers = inside.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert inside.get("/runs").headers["cache-control"] == "no-store"


def test_no_page_has_a_script_or_a_style_in_it(inside: Visit) -> None:
    for path in ("/runs", "/enter", "/nowhere"):
        html = inside.get(path).text
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=|javascript:", html)
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", html)


@pytest.mark.parametrize(
    "target",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2fetc%2fpasswd",
        "/static/....//app.py",
        "/static/LICENSES.md",
        "/static/",
        "//etc/passwd",
        "/%ff%fe",
    ],
)
def test_no_address_leads_to_a_file(inside: Visit, target: str) -> None:
    cookie = f"{COOKIE}={inside.session.cookies[COOKIE]}"
    assert raw(inside, "GET", target, Cookie=cookie) == 404


def test_a_nul_is_refused(inside: Visit) -> None:
    for path in ("/runs/%00", "/runs?kind=%00"):
        assert inside.get(path).status_code == 400


def test_what_is_too_large_is_refused_before_it_is_read(inside: Visit) -> None:
    assert raw(inside, "POST", "/enter", Content_Length=str(100 << 20)) == 413
    assert inside.post("/enter", {"token": "x" * (2 << 20)}).status_code in (400, 413)
    assert LARGEST_FILE > 32 << 20


def test_only_what_is_known_is_done(inside: Visit) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert raw(inside, method, "/runs") == 405


def test_a_hundred_at_once_are_all_answered(inside: Visit) -> None:
    cookie = f"{COOKIE}={inside.session.cookies[COOKIE]}"
    with ThreadPoolExecutor(50) as pool:
        asked = [pool.submit(raw, inside, "GET", "/runs", Cookie=cookie) for _ in range(100)]
    assert {one.result() for one in asked} == {200}


def test_where_nothing_may_be_changed_no_form_is_taken(database: Database) -> None:
    with served(database, Access(read_only=True)) as pages, pages.visited() as visit:
        assert "reader" in visit.enter().page("/runs")
