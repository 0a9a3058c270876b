"""Runs a sandbox: ``python -m sync.sandbox --state DIR``."""

from __future__ import annotations

from ledger.cli.command import run_program
from sync.cli.sandbox import sandbox

if __name__ == "__main__":
    run_program(sandbox)
