"""On the deployed shapes: what others write stays theirs, what others refer to stays there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.deployed import SHAPES
from tests.sync.company import Company

both_shapes = pytest.mark.parametrize("company", SHAPES, indirect=True)


def everything(company: Company) -> list[Any]:
    """The steps of a sync of everything. Of May's events none is in Administrate, which is told by
    the exit code, and they stay."""
    told = json.loads(company.admsync("sync", "all", "--json", code=None).stdout)
    assert told["ok"]
    steps: list[Any] = told["steps"]
    return steps


@both_shapes
def test_a_template_that_events_refer_to_stays_when_its_record_goes(company: Company) -> None:
    """In May's shape by the web application's own tables, in February's by the bridge's events."""
    [(row_id, key)] = company.rows(
        "SELECT c.id, c.external_id FROM adm.course_templates c"
        " WHERE EXISTS (SELECT FROM acted.tutorial_events t"
        "  WHERE to_jsonb(t) ->> 'course_template_id' = c.id::text)"
        " OR EXISTS (SELECT FROM adm.events e WHERE e.course_template_id = c.id)"
        " ORDER BY c.id LIMIT 1"
    )
    others = company.rows("SELECT t::text FROM acted.tutorial_events t ORDER BY 1")
    company.control.remove(key)
    told = company.document("sync", "course-templates")["steps"][0]
    assert told["counts"]["gone but kept"] == 1
    assert "to it by" in told["kept"][0]
    assert company.values("SELECT gone_at IS NOT NULL FROM adm.course_templates WHERE id = %s",
                          row_id) == [True]  # fmt: skip
    assert company.rows("SELECT t::text FROM acted.tutorial_events t ORDER BY 1") == others
    company.admsync("verify")


@both_shapes
def test_a_second_sync_finds_nothing_that_another_writer_did(company: Company) -> None:
    """What an older tool's columns hold is no edit of anybody's."""
    for step in everything(company):
        assert step["taken_up"] == []
        assert step["counts"]["updated"] == 0
        assert "links removed" not in step["counts"]


@both_shapes
def test_rows_of_another_writer_in_every_table_are_listed_or_taken_up(company: Company) -> None:
    """As the web application inserts them: with the columns that it knows of."""
    rows = {
        "locations (external_id, created_at, updated_at)": "'loc', now(), now()",
        "venues (external_id, location_id, created_at, updated_at)": "'ven', 'loc', now(), now()",
        "instructors (external_id, is_active, created_at, updated_at)": "'ins', true, now(), now()",
        "course_templates (external_id, custom_fields, created_at, updated_at)": (
            "'tem', '{}', now(), now()"
        ),
        "pricelevels (external_id, name, last_synced)": "'lev', 'L', now()",
        "course_template_price_levels (external_id, course_template_id, price_level_id, amount,"
        " last_synced, created_at, updated_at)": (
            "'pri', (SELECT id FROM adm.course_templates WHERE external_id = 'tem'),"
            " (SELECT id FROM adm.pricelevels WHERE external_id = 'lev'), 9.5, now(), now(), now()"
        ),
        "custom_fields (external_id, label, field_type, is_required, entity_type, last_synced)": (
            "'fie', 'F', 'String', false, 'Event', now()"
        ),
        "events (external_id, created_at, updated_at)": "'eve', now(), now()",
        "sessions (external_id, event_id, created_at, updated_at)": (
            "'ses', (SELECT id FROM adm.events WHERE external_id = 'eve'), now(), now()"
        ),
    }
    for table, values in rows.items():
        company.change(f"INSERT INTO adm.{table} VALUES ({values})")
    found = company.document("verify")
    assert (found["ok"], len(found["others"])) == (True, 9)
    company.document("replay", "--apply")
    assert len(company.document("verify")["others"]) == 9
    assert [step["counts"]["taken up"] for step in everything(company)] == [1] * 9
    found = company.document("verify")
    assert (found["ok"], found["others"]) == (True, [])
    assert company.values("SELECT external_id FROM adm.venues WHERE external_id = 'ven'") == ["ven"]
