"""Matching: links between the records of the two sides, with explanations; pure functions."""
