"""One who asks the sandbox directly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.sandbox.process import RunningSandbox
from tests.sync.sandbox.builders import Asker


@pytest.fixture
def asker(sandbox: RunningSandbox) -> Iterator[Asker]:
    asker = Asker(sandbox)
    asker.authorize()
    sandbox.control.forget()
    yield asker
    asker.close()
