"""Tests of explorer.ring."""
