"""The tables of schemas ``adm`` and ``acted`` as declarations, which cost nothing to load."""
