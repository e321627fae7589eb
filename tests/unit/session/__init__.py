"""Tests of explorer.session that need no children of a run."""
