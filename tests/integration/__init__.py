"""Tests with real children and real rings."""
