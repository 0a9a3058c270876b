"""The client of Administrate's GraphQL API: what is asked, how often, and what an answer proves."""
