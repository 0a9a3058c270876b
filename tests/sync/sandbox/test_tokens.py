"""The token endpoint, and what a call without a good token gets."""

from __future__ import annotations

import pytest

from tests.sync.sandbox.builders import Asker


def test_client_credentials_give_a_token_for_an_hour(asker: Asker) -> None:
    reply = asker.token().json()
    assert (reply["token_type"], reply["expires_in"]) == ("Bearer", 3600)
    assert {"access_token", "refresh_token", "scope"} <= set(reply)


def test_a_refresh_token_gives_new_ones_again_and_again(asker: Asker) -> None:
    refresh = asker.token().json()["refresh_token"]
    tokens = {
        asker.token(grant_type="refresh_token", refresh_token=refresh).json()["access_token"]
        for _ in range(2)
    }
    assert len(tokens) == 2


def test_a_reply_may_carry_no_refresh_token(asker: Asker) -> None:
    asker.sandbox.control.switch(refresh_token=False)
    assert "refresh_token" not in asker.token().json()


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "wrong"}, 400, "invalid_grant"),
    ],
)
def test_a_request_without_good_credentials_is_refused(
    asker: Asker, form: dict[str, str], status: int, error: str
) -> None:
    response = asker.token(**form)
    assert (response.status_code, response.json()) == (status, {"error": error})


def test_an_expired_token_is_refused(asker: Asker) -> None:
    asker.sandbox.control.switch(token_seconds=-1)
    asker.authorize()
    assert asker.post("{ hello }").status_code == 401


def test_revoked_tokens_are_refused_at_once(asker: Asker) -> None:
    assert asker.post("{ hello }").status_code == 200
    asker.sandbox.control.revoke_tokens()
    assert asker.post("{ hello }").status_code == 401


def test_a_refused_call_is_counted_and_changes_nothing(asker: Asker) -> None:
    asker.sandbox.control.revoke_tokens()
    document = 'mutation M { account { create(input: {name: "X"}) { errors { message } } } }'
    assert asker.post(document).status_code == 401
    counts = asker.sandbox.control.counts()
    assert (counts["M"], counts["account.create"]) == (1, 1)
    assert asker.sandbox.control.changes() == []
