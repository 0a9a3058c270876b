"""Rollback: a run is reversed by appended compensating events; nothing is deleted."""
