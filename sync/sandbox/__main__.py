"""Runs a sandbox: ``python -m sync.sandbox --state DIR``."""

from __future__ import annotations

from sync.sandbox.cli import sandbox

if __name__ == "__main__":
    sandbox()
