"""Writes to Administrate without duplicates, and what is known of each."""
