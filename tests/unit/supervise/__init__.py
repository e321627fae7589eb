"""Spawning, checks and listener, without a server."""
