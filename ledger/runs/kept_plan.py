"""A plan kept in a file: judged now, carried out later, exactly as it was or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import psycopg
from attrs import frozen

from ledger.canonical import canonical, parse
from ledger.errors import AdmsyncError, UsageRefused
from ledger.files import NewFile
from ledger.store.append import head
from ledger.values import Personal

_FORM = "admsync plan 1"
_TOLD = 3  # names of a kind of change
_LARGEST = 64 * 2**20  # bytes of a file


class PlanChanged(AdmsyncError):
    """What is planned now is not what the file holds; nothing was done."""


@frozen
class KeptPlan:
    """What a command plans: ``about`` is what it was asked to do, ``entries`` what it decides, by
    what each is about."""

    command: str
    about: Mapping[str, Any]
    entries: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Equal for equal plans."""
        return hashlib.sha256(canonical(self.as_json())).hexdigest()

    def as_json(self) -> Any:
        """In the values that JSON has."""
        fields = {"command": self.command, "about": self.about, "entries": self.entries}
        return parse(canonical(fields, _plain))


def keep_plan(file: NewFile, connection: psycopg.Connection[Any], plan: KeptPlan) -> None:
    """Writes a plan, with the ledger that it is of and how far that went; readable by its owner
    alone, since it names people."""
    position, link = head(connection)
    ledger = {"position": position, "link": link.hex(), "identity": _identity(connection)}
    body = {"form": _FORM, "ledger": ledger, "plan": plan.as_json()}
    with file.opened() as out:
        out.write(canonical({**body, "digest": _digest(body)}) + b"\n")


def check_kept(path: Path, connection: psycopg.Connection[Any], plan: KeptPlan) -> None:
    """Checks that a file holds this very plan, of this ledger.

    Raises ``UsageRefused`` where it holds no plan, or one of something else, and ``PlanChanged``
    where the same is planned differently by now.
    """
    kept = _read(path)
    _check_ledger(path, connection, kept["ledger"])
    before, now = kept["plan"], plan.as_json()
    if before["command"] != now["command"] or before["about"] != now["about"]:
        raise UsageRefused(
            f"{path} is a plan of {_asked(before)}, not of {_asked(now)}; give it what it was made"
            " with"
        )
    if before["entries"] != now["entries"]:
        what = "; ".join(_differences(before["entries"], now["entries"]))
        raise PlanChanged(
            f"what {path} planned is not what would be done now: {what}. Nothing was done; keep"
            " a new plan"
        )


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        kept = parse(content)
        digest, form = kept.pop("digest"), kept["form"]
        shape = kept["plan"]["entries"], kept["ledger"]["position"]
    except OSError as problem:
        raise UsageRefused(f"{path} cannot be read: {problem.strerror or problem}") from problem
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UsageRefused(f"{path} is no plan that admsync kept") from problem
    if form != _FORM:
        raise UsageRefused(f"{path} is a plan of another version of admsync; keep a new one")
    if digest != _digest(kept) or not isinstance(shape[0], dict):
        raise UsageRefused(f"{path} was changed after it was written; keep a new plan")
    return kept


def _check_ledger(path: Path, connection: psycopg.Connection[Any], ledger: Any) -> None:
    row = connection.execute(
        "SELECT encode(link, 'hex') FROM ledger.appends WHERE first_position + count - 1 = %s",
        (ledger["position"],),
    ).fetchone()
    if ledger["identity"] != _identity(connection):
        raise UsageRefused(f"{path} is a plan of another ledger")
    if row is None or row[0] != ledger["link"]:
        raise PlanChanged(
            f"{path} was made at position {ledger['position']}, where this ledger has another"
            " event by now, or none; keep a new plan"
        )


def _identity(connection: psycopg.Connection[Any]) -> str:
    """What no two ledgers share: the link of the first append."""
    row = connection.execute(
        "SELECT encode(link, 'hex') FROM ledger.appends ORDER BY first_position LIMIT 1"
    ).fetchone()
    return str(row[0]) if row else ""


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(body)).hexdigest()


def _asked(plan: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name} {value}" for name, value in plan["about"].items() if value)
    return f"{plan['command']} ({told})" if told else str(plan["command"])


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What is other than it was, by name: changed, new, and gone."""
    changed = [name for name in before if name in now and before[name] != now[name]]
    for what, names in (
        ("changed", changed),
        ("new", [name for name in now if name not in before]),
        ("no longer there", [name for name in before if name not in now]),
    ):
        if names:
            yield f"{what}: {_told(names)}"


def _told(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - _TOLD} more" if len(listed) > _TOLD else ""
    return ", ".join(listed[:_TOLD]) + more


def _plain(value: object) -> Any:
    if isinstance(value, Personal | Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    kind = type(value)
    if attrs.has(kind):
        return {one.name: getattr(value, one.name) for one in attrs.fields(kind)}
    raise TypeError(f"a plan cannot hold {type(value).__name__}")
