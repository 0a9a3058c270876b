"""Observed records to events: differences, links, discrepancies, decisions of people."""
