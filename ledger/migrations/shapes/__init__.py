"""The shapes that adopted tables come in, and what becomes of their columns and keys.

``found`` reads a database's columns, ``types`` says which types may hold what; ``columns``,
``keys`` and ``constraints`` bring a table of adm to the shape the program expects; ``needs`` names
what it lacks of the tables that it only reads.
"""
