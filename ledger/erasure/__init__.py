"""Erasure of a person: values and stored answers are deleted, history and proof stay."""
