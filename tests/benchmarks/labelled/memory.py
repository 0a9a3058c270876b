"""Memory: what suggesting for so many people a side adds at its peak.

Each measurement is a process of its own: ``python -m tests.benchmarks.labelled.memory SIZE``.
"""

from __future__ import annotations

import subprocess
import sys

from sync.matching.match import match
from sync.matching.suggest import suggest
from tests.benchmarks.labelled.people import people
from tests.benchmarks.measure import peak_memory


def growth(size: int) -> float:
    """The megabytes added."""
    command = [sys.executable, "-m", "tests.benchmarks.labelled.memory", str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def _measure(size: int) -> float:
    labelled = people(size)
    matching = match(labelled.rule, labelled.administrate, labelled.tutorial)
    before = peak_memory()
    suggestions = suggest(matching)
    assert suggestions
    return peak_memory() - before


if __name__ == "__main__":
    sys.stdout.write(str(_measure(int(sys.argv[1]))))
