"""Tests of the list of findings."""
