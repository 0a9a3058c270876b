"""The client of Administrate's GraphQL API: one operation a call (``client``), whole lists of
records (``reads``), changes (``writes``). ``sync/README.md`` shows the rooms."""
