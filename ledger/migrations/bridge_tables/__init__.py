"""Adopted tables of ``adm``: their columns, keys and indexes brought to what the program needs."""
