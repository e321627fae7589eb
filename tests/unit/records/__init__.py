"""Tests of explorer.records."""
