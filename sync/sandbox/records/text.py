"""How text is compared, and order is shaken, inside SQLite: functions it calls by name."""

from __future__ import annotations

import re
import sqlite3
import zlib

WORD = re.compile(r"\w+")


def fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def words(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def has_words(text: str | None, wanted: str, prefixes: int) -> bool:
    """Whether every word wanted is a word of the text, or with ``prefixes`` begins one."""
    if text is None:
        return False
    there = words(text)
    if prefixes:
        return all(any(word.startswith(start) for word in there) for start in words(wanted))
    return set(words(wanted)) <= set(there)


def scatter(number: int, salt: int) -> int:
    """A place in a shuffled order, the same for the same salt."""
    return zlib.crc32(f"{salt}:{number}".encode())


def register(connection: sqlite3.Connection) -> None:
    connection.create_function("fold", 1, fold, deterministic=True)
    connection.create_function("has_words", 3, has_words, deterministic=True)
    connection.create_function("scatter", 2, scatter, deterministic=True)
