"""Tests of the panels: what they show of a run."""
