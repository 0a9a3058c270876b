"""Each command's JSON has a schema that comes with the program, and an error has one."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.test_command_lines import ALL

SCHEMAS = {
    path.name.removesuffix(".json"): json.loads(path.read_text())
    for path in files("importer").joinpath("schemas").iterdir()
    if path.name.endswith(".json")
}
# Commands whose documents are of one shape.
SHARED = {
    **{f"discrepancies {one}": "discrepancies-decision" for one in ("accept", "reject", "ignore")},
    "discrepancies withdraw": "discrepancies-decision",
    **{f"events {one}": "events-change" for one in ("publish", "web-sale", "sold-out", "cancel")},
}


def schema_of(*words: str) -> dict[str, Any]:
    """The schema of what a command prints, called with these words."""
    name = " ".join(words[:2]) if " ".join(words[:2]) in ALL else words[0]
    schema: dict[str, Any] = SCHEMAS[SHARED.get(name, name.replace(" ", "-"))]
    return schema


def check_document(printed: str, *words: str) -> None:
    """Fails unless the document that was printed is of the command's schema, or an error's."""
    document, _ = json.JSONDecoder().raw_decode(printed)
    failed = isinstance(document, dict) and document.keys() == {"error"}
    schema = SCHEMAS["error"] if failed else schema_of(*words)
    wrong = [error.message for error in Draft202012Validator(schema).iter_errors(document)]
    assert wrong == [], words


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["title"]


def test_every_command_with_json_has_a_schema() -> None:
    with_json = [
        name for name, one in ALL.items() if any("--json" in option.opts for option in one.params)
    ]
    assert {json.dumps(schema_of(*name.split())) for name in with_json} == {
        json.dumps(schema) for name, schema in SCHEMAS.items() if name != "error"
    }


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (("runs",), '[{"run_id": 7}]'),
        (("show", "last"), '{"position": 1}'),
        (("verify",), '{"error": {"message": "no"}}'),
    ],
)
def test_a_document_of_another_shape_is_told(words: tuple[str, ...], printed: str) -> None:
    with pytest.raises(AssertionError):
        check_document(printed, *words)
