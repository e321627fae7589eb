"""Tests of the demonstration window."""
