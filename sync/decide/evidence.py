"""A match's explanation as stored in an event: plain values, with personal names kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import cattrs

from ledger.values import Fields, Personal, Value
from sync.matching.explanation import Explanation

# The fields of an explanation that hold names.
_NAMED = {"compared", "key", "administrate_key", "tutorial_key"}


def evidence_of(explanation: Explanation) -> Fields:
    """The explanation as values; under a rule about people, their names are personal."""
    plain: dict[str, Any] = _CONVERTER.unstructure(explanation)
    return _sealed(plain) if explanation.rule.person else plain


def _sealed(mapping: Mapping[str, Any]) -> dict[str, Value]:
    return {
        name: [Personal(str(text)) for text in value]
        if name in _NAMED and value is not None
        else _within(value)
        for name, value in mapping.items()
    }


def _within(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _sealed(value)
    if isinstance(value, list | tuple):
        return [_within(item) for item in value]
    return value


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_unstructure_hook(StrEnum, lambda word: word.value)
    return converter


_CONVERTER = _converter()
