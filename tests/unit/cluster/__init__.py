"""Tests of `explorer.cluster`."""
