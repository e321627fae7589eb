"""Lessons on the wall."""
