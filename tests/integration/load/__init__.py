"""Tests of the load process against real servers."""
