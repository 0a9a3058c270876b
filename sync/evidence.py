"""A match's explanation as an event holds it: plain values, names of people kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import cattrs

from ledger.values import Fields, Personal, Value
from sync.matching.explanation import Explanation

# Where an explanation holds what the records are called.
_NAMED = {"compared", "key", "administrate_key", "tutorial_key"}


def evidence_of(explanation: Explanation) -> Fields:
    """The explanation as values; where the rule is about people, their names are personal."""
    plain: dict[str, Any] = _CONVERTER.unstructure(explanation)
    return _sealed(plain) if explanation.rule.person else plain


def explanation_of(evidence: Fields) -> Explanation:
    """The explanation that ``evidence_of`` was given. ValueError where a name of it is erased."""
    return _CONVERTER.structure(_opened(evidence), Explanation)


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


def _opened(value: Any) -> Any:
    if isinstance(value, Personal):
        if value.erased:
            raise ValueError("a name the decision rested on has been erased")
        return value.value
    if isinstance(value, Mapping):
        return {name: _opened(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_opened(item) for item in value]
    return value


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    # An id is a number or a text, which JSON keeps apart; there is nothing to convert.
    converter.register_structure_hook_func(
        lambda kind: kind == (int | str) or kind == (int | str | None), lambda value, _: value
    )
    converter.register_unstructure_hook(StrEnum, lambda word: word.value)
    return converter


_CONVERTER = _converter()
