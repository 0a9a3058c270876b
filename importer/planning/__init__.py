"""The plan of an import: made, recorded in the ledger, shown to a person."""
