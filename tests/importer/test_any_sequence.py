"""Whatever is done to events, on either side and by the program, in any order."""

from __future__ import annotations

from tests.importer.any_sequence import Sequences, run_sequences
from tests.importer.end_state import Companies


def test_whatever_is_done_each_field_is_in_step_or_listed(companies: Companies) -> None:
    run_sequences(lambda: Sequences(companies))
