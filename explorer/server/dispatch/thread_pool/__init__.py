"""Dispatch: a plain def in a worker thread."""
