"""Recorded fetches decided again, under other rules: nothing is written."""
