"""Modules that tests run as children."""
