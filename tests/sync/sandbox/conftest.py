"""One sandbox for these tests, put back to its start before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.sandbox.process import RunningSandbox, start_sandbox
from tests.sync.sandbox.builders import Asker


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def sandbox(standing: RunningSandbox) -> RunningSandbox:
    standing.control.reset()
    return standing


@pytest.fixture
def asker(sandbox: RunningSandbox) -> Iterator[Asker]:
    asker = Asker(sandbox)
    asker.authorize()
    sandbox.control.forget()
    yield asker
    asker.close()
