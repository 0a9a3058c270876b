"""The plan carried out in both systems, event by event, and how it ended."""
