"""Matching: which records of the two sides are one, from values to values, and why."""
