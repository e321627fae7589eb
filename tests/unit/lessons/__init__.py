"""Lessons without processes."""
