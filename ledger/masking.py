"""Masks copies of secrets in what others say, however they are encoded there.

Every secret that the program reads is kept here (``keep_secret``); errors, all that goes to
standard error, and the log are printed and recorded without them (``without_secrets``). Answers to
a command are the ledger's own words, in which a password may be a name like another.
"""

from __future__ import annotations

import json
import re
import string
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote

MASK = b"[secret]"
SHORTEST_SECRET = 6  # characters; a shorter one also occurs in ordinary words
_SHORTEST_OF_SERVICE = 8  # of a part of an address that may be a word like any other
# Of a longer one (a signed token has thousands), this start is enough to find a copy, or a part.
_LONGEST_START = 48
_REST = r"[\w%\\+/=.&;#~:-]*"
_NAMED = {"&": ["amp;"], "<": ["lt;"], ">": ["gt;"], '"': ["quot;"], "'": ["apos;"]}
_MORE = r"\\{0,7}"  # each encoding inside another doubles them
# Of an address: its user and password, up to the last @; what stands where a port does and is none;
# what its query names as secrets are named.
_USER = re.compile(r"([a-z][a-z0-9+.-]*:?//)?+([^/@:?#\s]*)(?::(.+))?@", re.IGNORECASE | re.DOTALL)
_NO_PORT = re.compile(r"//[^/@:?#\[]*:(?!\d*(?:[/?#]|$))([^@]*)$", re.DOTALL)
_IN_QUERY = re.compile(
    r"[?&][\w-]*(?:password|passwd|secret|token|(?<!ssl)key|signature|sig)=([^&#]*)", re.IGNORECASE
)
_ADDRESS = re.compile("[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# There a user without a password is a name; elsewhere it may be a token.
_OF_DATABASE = re.compile("post|psql|pgsql", re.IGNORECASE)
_MOST_TOKENS = 32  # the latest
_kept: dict[str, None] = {}
_tokens: dict[str, None] = {}
_BASE64 = {"+": "(?:[+-]|%2[bB])", "/": r"(?:[/_]|%2[fF]|\\/)"}


def keep_secret(value: str, openly: Iterable[str] = ()) -> None:
    """Keeps a secret, or the passwords in an address; none that also stands ``openly``, as another
    setting: ``website`` as the password of website."""
    if _ADDRESS.match(value):
        keep_passwords(value, openly)
    else:
        _keep(_kept, {value, unquote(value)} - set(openly))


def keep_passwords(value: str, openly: Iterable[str] = ()) -> None:
    """Keeps the passwords in an address, with or without its scheme; none that also stands in the
    rest of it, or ``openly``."""
    found, rest, end = list[str](), "", 0
    for start, stop in sorted(_passwords(value)):
        rest += value[end:start]
        end = stop
        # Whoever reads an address takes it apart, and with it a password that is not encoded.
        found += [value[start:stop], *re.split("[/?#@:]", value[start:stop])]
    rest = unquote(rest + value[end:])
    kept = {spelled for one in found for spelled in (one, unquote(one)) if spelled not in rest}
    _keep(_kept, kept - set(openly))


def keep_service(value: str) -> None:
    """Keeps every part of a notification service's address: in its user, its host (but one with a
    dot in it, or of this machine), its path and its query stand what it knows its users by."""
    _, _, rest = value.partition("://")
    server, _, behind = rest.partition("/")
    user, _, host = server.partition("?")[0].rpartition("@")
    named = host.partition(":")[0]
    parts = re.split("[/?&=:@#,]", "/".join((user, behind, server.partition("?")[2])))
    if "." not in named and named != "localhost":
        parts += host.split(":")
    long_enough = {one for one in parts if len(one) >= _SHORTEST_OF_SERVICE}
    _keep(_kept, {rest, *long_enough, *map(unquote, long_enough)})


def keep_token(value: str) -> None:
    """Keeps a secret that is good for a time; of those, the latest."""
    _keep(_tokens, {value})
    for oldest in list(_tokens)[:-_MOST_TOKENS]:
        del _tokens[oldest]


def forget_secrets() -> None:
    """Holds none, as when the program begins."""
    _kept.clear()
    _tokens.clear()


def kept_secrets() -> list[str]:
    """The secrets that the program holds."""
    return [*_kept, *_tokens]


def _keep(kept: dict[str, None], found: Iterable[str]) -> None:
    for secret in filter(_is_masked, found):
        kept.pop(secret, None)
        kept[secret] = None


def _passwords(value: str) -> Iterator[tuple[int, int]]:
    """Where they begin and end."""
    if (found := _USER.match(value)) is not None:
        if found[3] is not None:
            yield found.span(3)
        elif found[1] and not _OF_DATABASE.match(found[1]):
            yield found.span(2)
    elif (bare := _NO_PORT.search(value)) is not None:
        yield bare.span(1)
    yield from (one.span(1) for one in _IN_QUERY.finditer(value))


def without_secrets(text: str) -> str:
    """A text without the secrets that the program holds."""
    return masked_text(text, kept_secrets()) if _kept or _tokens else text


def masked(data: bytes, secrets: Iterable[str]) -> bytes:
    """The data without the secrets: as they are, or encoded for a URL, a form, JSON, HTML, a
    literal of bytes, base64 (alone or within more) or hexadecimal digits, mixed or repeated.

    Takes a tenth of a second a megabyte: for errors, not for every answer.
    """
    for secret in filter(_is_masked, secrets):
        for copies in _patterns(secret):
            data = copies.sub(MASK, data)
    return data


def masked_where_plain(data: bytes, secrets: Iterable[str]) -> bytes:
    """The data without the secrets as they are usually written, in no time."""
    for secret in filter(_is_masked, secrets):
        for spelling in {secret, quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}:
            data = data.replace(spelling.encode(), MASK)
    return data


def masked_text(text: str, secrets: Iterable[str]) -> str:
    """As ``masked``, of a text."""
    return masked(text.encode("utf-8", "surrogatepass"), secrets).decode("utf-8", "surrogatepass")


def _is_masked(secret: str) -> bool:
    return len(secret) >= SHORTEST_SECRET


@lru_cache(maxsize=4 * _MOST_TOKENS)
def _patterns(secret: str) -> tuple[re.Pattern[bytes], ...]:
    """The patterns of a secret's copies, by encoding.

    Each begins with a byte, or one of few, and says later what it may have been: bodies of
    megabytes are searched, and only such patterns are skipped through.
    """
    start = secret[:_LONGEST_START]
    rest = _REST if len(secret) > len(start) else ""
    return tuple(re.compile(form.encode("latin-1") + rest.encode()) for form in _forms(start))


def _forms(start: str) -> Iterator[str]:
    # A byte stands in them as the character of that number.
    first, *others = map(_spellings, start)
    alternatives = "|".join(f"(?<={re.escape(one)})(?:{'|'.join(first[one])})" for one in first)
    yield f"[{''.join(map(re.escape, first))}](?:{alternatives}){''.join(map(_any, others))}"
    for data in sorted(
        {text.encode() for text in (start, quote(start, safe=""), quote_plus(start))}
    ):
        for before in range(3):
            digits = b64encode(bytes(before) + data).decode()
            own = digits[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]
            yield r"\s{0,2}".join(_BASE64.get(digit, digit) for digit in own)
    yield "[: ]?".join(map(_any_case, start.encode().hex()))


_Spellings = dict[str, list[str]]
"""Patterns of what follows, by the byte with which a spelling begins."""


def _spellings(character: str) -> _Spellings:
    """How a character may be written. The backslashes of encodings in one another add up."""
    first, *others = map(_of_byte, character.encode())
    found = {begin: [end + "".join(map(_any, others)) for end in first[begin]] for begin in first}
    code, units = ord(character), character.encode("utf-16-be").hex(" ", 2).split()
    found["\\"].append(rf"{_MORE}u" + r"\\{1,8}u".join(map(_any_case, units)))
    found["\\"].append(rf"{_MORE}U" + _any_case(f"{code:08x}"))
    found["\\"].append(rf"{_MORE}x" + _any_case(f"{code:02x}"))
    found["&"] += [
        f"#0{{0,7}}{code};",
        f"#[xX]0{{0,7}}{_any_case(f'{code:x}')};",
        *_NAMED.get(character, ()),
    ]
    if character == " ":
        found["+"] = [""]
    return found


def _of_byte(byte: int) -> _Spellings:
    literal, digits = chr(byte), _any_case(f"{byte:02x}")
    found = {"%": [f"(?:25){{0,3}}{digits}"], "=": [digits], "\\": [rf"{_MORE}x{digits}"], "&": []}
    if literal in string.punctuation:
        found["\\"].append(_MORE + re.escape(literal))
    found[literal] = [*found.get(literal, ()), ""]
    return found


def _any(spellings: _Spellings) -> str:
    ways = (f"{re.escape(one)}(?:{'|'.join(ends)})" for one, ends in spellings.items() if ends)
    return f"(?:{'|'.join(ways)})"


def _any_case(digits: str) -> str:
    return "".join(f"[{one}{one.upper()}]" if one.isalpha() else one for one in digits)
