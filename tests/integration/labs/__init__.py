"""Tests of labs with real children."""
