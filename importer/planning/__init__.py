"""The plan of an import: prepared, recorded in the ledger, shown to a person."""
