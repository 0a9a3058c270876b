"""The OAuth token endpoint: tokens valid for an hour, stored as digests."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping

from attrs import define, field

from sync.sandbox.control.journal import Journal
from sync.sandbox.reply import Reply, json_reply

TABLE = """
CREATE TABLE IF NOT EXISTS token (digest TEXT PRIMARY KEY, refreshes INTEGER, expires REAL);
"""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _refused(error: str, status: int = 400) -> Reply:
    return json_reply({"error": error}, status)


@define
class Tokens:
    """Issues and checks tokens; the credentials are generated once and stored with the records."""

    journal: Journal
    api_key: str
    api_secret: str = field(repr=False)

    @classmethod
    def open(cls, journal: Journal) -> Tokens:
        journal.store.db.executescript(TABLE)
        credentials = journal.setting("credentials")
        if credentials is None:
            credentials = [secrets.token_urlsafe(16), secrets.token_urlsafe(32)]
            journal.remember("credentials", credentials)
        return cls(journal, *credentials)

    def _issue(self, *, refreshes: bool, seconds: float) -> str:
        token = secrets.token_urlsafe(24)
        self.journal.store.db.execute(
            "INSERT INTO token VALUES (?, ?, ?)", (_digest(token), refreshes, time.time() + seconds)
        )
        return token

    def _good(self, token: str, *, refreshes: bool) -> bool:
        row = self.journal.store.db.execute(
            "SELECT expires FROM token WHERE digest = ? AND refreshes = ?",
            (_digest(token), refreshes),
        ).fetchone()
        return row is not None and float(row[0]) > time.time()

    def reply(self, form: Mapping[str, str]) -> Reply:
        """Answers a form sent to the token endpoint; errors as in RFC 6749, section 5.2."""
        own = (form.get("client_id"), form.get("client_secret"))
        if own != (self.api_key, self.api_secret):
            return _refused("invalid_client", 401)
        match form.get("grant_type"):
            case "client_credentials":
                pass
            case "refresh_token":
                if not self._good(form.get("refresh_token", ""), refreshes=True):
                    return _refused("invalid_grant")
            case _:
                return _refused("unsupported_grant_type")
        switches = self.journal.switches()
        content = {
            "access_token": self._issue(refreshes=False, seconds=switches.token_seconds),
            "token_type": "Bearer",
            "expires_in": switches.token_seconds,
            "scope": "instance",
        }
        if switches.refresh_token:
            content["refresh_token"] = self._issue(refreshes=True, seconds=float("inf"))
        return json_reply(content)

    def accept(self, authorization: str) -> bool:
        """Whether an Authorization header carries a valid token."""
        scheme, _, token = authorization.partition(" ")
        return scheme.casefold() == "bearer" and self._good(token.strip(), refreshes=False)

    def revoke(self) -> None:
        """Revokes every token issued so far."""
        self.journal.store.db.execute("DELETE FROM token")
