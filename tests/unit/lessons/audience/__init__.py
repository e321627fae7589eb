"""Audience mode without a network."""
