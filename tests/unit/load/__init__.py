"""Tests of explorer.load, without a socket where that is possible."""
