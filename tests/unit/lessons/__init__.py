"""Lessons without a run: reading, expressions, claims."""
