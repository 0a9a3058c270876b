"""Forgetting a person: values and stored answers go, history and proof stay."""
