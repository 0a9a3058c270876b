"""Faults on demand: their kinds, the calls that one strikes, and what it does to the answer."""
