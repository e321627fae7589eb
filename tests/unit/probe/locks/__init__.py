"""Traced locks."""
