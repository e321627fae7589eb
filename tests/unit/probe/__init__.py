"""Tests of explorer.probe."""
