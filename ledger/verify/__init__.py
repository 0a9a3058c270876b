"""Verification: every byte of the ledger is as it was written, in its chain and in the blobs it
references."""
