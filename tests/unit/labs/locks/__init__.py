"""Locking and synchronisation."""
