"""Open discrepancies: found, listed, and decided by people."""
