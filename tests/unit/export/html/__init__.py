"""Tests of the report in HTML."""
