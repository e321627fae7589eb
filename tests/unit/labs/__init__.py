"""Tests of explorer.labs that need no children."""
