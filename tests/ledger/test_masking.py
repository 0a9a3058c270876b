"""Copies of a secret are masked however they are encoded, and nothing else is."""

from __future__ import annotations

import html
import json
import quopri
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.settings.masking import masked, masked_text, masked_where_plain

SECRETS = {
    "plain": "a-secret-nobody-may-see",
    "marks": "per+cent%\"quo te/<&'=\\;#",
    "letters": "pässwörd-€-geheim",
    "beyond": "smile😀secret",
    "long": "eyJhbGciOiJSUzI1NiJ9." + "Zx9-_" * 400,
}
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "itself": str.encode,
    "URL": lambda one: quote(one, safe="").encode(),
    "URL of a URL": lambda one: quote(quote(one, safe=""), safe="").encode(),
    "every byte of a URL": lambda one: "".join(f"%{b:02x}" for b in one.encode()).encode(),
    "form": lambda one: quote_plus(one).encode(),
    "JSON": lambda one: json.dumps(one).encode(),
    "JSON with letters": lambda one: json.dumps(one, ensure_ascii=False).encode(),
    "JSON in JSON": lambda one: json.dumps(json.dumps(one)).encode(),
    "JSON of another program": lambda one: json.dumps(one).replace("/", "\\/").encode(),
    "literal of bytes": lambda one: repr(one.encode()).encode(),
    "literal of a literal": lambda one: repr(repr(one.encode())).encode(),
    "literal": lambda one: ascii(one).encode(),
    "header dump": lambda one: repr({"Authorization": f"Bearer {one}"}).encode(),
    "HTML": lambda one: html.escape(one).encode(),
    "HTML by numbers": lambda one: "".join(f"&#{ord(c)};" for c in one).encode(),
    "HTML by digits": lambda one: "".join(f"&#x{ord(c):X};" for c in one).encode(),
    "mail": lambda one: quopri.encodestring(one.encode()).replace(b"=\n", b""),
    "base64": lambda one: b64encode(one.encode()),
    "base64 in an address": lambda one: urlsafe_b64encode(one.encode()),
    "base64 in a URL": lambda one: quote(b64encode(one.encode()), safe="").encode(),
    "base64 in lines": lambda one: encodebytes(b"Authorization: " + one.encode()),
    "credentials": lambda one: b64encode(b"key:" + one.encode()),
    "credentials of a form": lambda one: b64encode(b"k:" + quote_plus(one).encode()),
    "digits": lambda one: one.encode().hex().encode(),
    "digits apart": lambda one: one.encode().hex(":").upper().encode(),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", SECRETS)
def test_a_copy_is_found_in_any_encoding(name: str, encoding: str) -> None:
    copy = ENCODINGS[encoding](SECRETS[name])
    found = masked(b"<<" + copy + b">>", [SECRETS[name]])
    assert b"[secret]" in found
    # Of what stands before it in the encoded text, and of a long one's end, some may be left.
    assert len(found) < 60 or name == "long"
    assert SECRETS[name][:20].encode() not in found


@settings(max_examples=50)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=6, max_size=20))
def test_any_secret_is_found(secret: str) -> None:
    assert masked_text(f"({secret})", [secret]) == "([secret])"
    assert masked_text(json.dumps([secret]), [secret]) == '["[secret]"]'


def test_a_short_one_is_left_since_words_hold_it() -> None:
    assert masked(b"the word", ["the"]) == b"the word"
    assert masked_where_plain(b"the word", ["the"]) == b"the word"


def test_the_rest_of_a_text_stays() -> None:
    said = 'HTTP 500: {"a": "b\\u00e9 %20 &amp; YWJj"}'
    assert masked_text(said, SECRETS.values()) == said


@pytest.mark.parametrize("filling", [b"\\", b"a", b"%", b"%25", b"&#0", b"a-secret-nobody-may-se"])
def test_no_text_takes_long(filling: bytes) -> None:
    """A pattern that tried each start anew for all that follows would take hours."""
    text = filling * (2**20 // len(filling))
    assert masked(text, SECRETS.values()) == text
