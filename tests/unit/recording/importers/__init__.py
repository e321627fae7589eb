"""Tests of traces made elsewhere."""
