"""Whether every byte of the ledger is as it was written: chain and references."""
