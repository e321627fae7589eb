"""Locking and synchronisation: who holds what and who waits for whom."""
