"""Rebuilds the tables from the ledger and compares them with the database."""
