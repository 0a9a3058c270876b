"""Adopted tables of ``adm``: their columns, keys and indexes brought to the program's needs."""
