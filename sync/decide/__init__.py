"""Observed records to events: differences, links, other writers."""
