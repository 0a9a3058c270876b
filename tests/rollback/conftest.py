"""The company, linked on both sides, for runs to be undone in it."""

from tests.importer.conftest import administrate, companies, company, company_url, linked, say

__all__ = ["administrate", "companies", "company", "company_url", "linked", "say"]
