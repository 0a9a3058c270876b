"""The tables rebuilt from the ledger, and compared with those there."""
