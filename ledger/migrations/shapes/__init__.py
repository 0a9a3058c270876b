"""The shapes that adopted tables come in, and what becomes of their columns and keys.

``found`` reads a database's columns, ``types`` says which types may hold what; ``columns``,
``keys`` and ``constraints`` bring a table of adm to the shape the program expects; ``lost``
and ``needs`` name the columns without which it cannot work.
"""
