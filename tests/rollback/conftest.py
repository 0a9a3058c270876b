"""The company, linked on both sides, for runs to be undone in it."""

from tests.importer.conftest import administrate, company, company_url, linked, world

__all__ = ["administrate", "company", "company_url", "linked", "world"]
