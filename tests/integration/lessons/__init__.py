"""Tests of lessons with real processes: the audience's gateway, reached as phones reach it."""
